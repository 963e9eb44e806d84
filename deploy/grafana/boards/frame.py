"""What every dashboard has: where it reads, what it is filtered by, its links and its document."""

import json
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    TextBoxVariable,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

TAG = "gatewatch"
DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
COLLECTOR = "http://127.0.0.1:8642"
"""Where a browser finds the page, until somebody says otherwise in the variable `collector`."""
CLASSIC = 5
"""How Grafana's editor calls a variable that is written as `label_values(..)` and the like."""
Json = dict[str, Any]
Panel = Builder[models.Panel]


def board(uid: str, title: str, description: str) -> Dashboard:
    """Begin a dashboard."""
    return (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time("now-6h", "now")
        .refresh("30s")
        .link(
            DashboardLink("Gatewatch")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .keep_time(True)
            .include_vars(True)
            .tooltip("The other dashboards of Gatewatch")
        )
        .link(
            DashboardLink("Page of the collector")
            .type(DashboardLinkType.LINK)
            .icon("external link")
            .url("${collector}/")
            .target_blank(True)
            .tooltip("Cause and remedy of each cell, gates, runs")
        )
        .with_variable(DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )


def collector() -> TextBoxVariable:
    """Ask where a browser finds the collector, for links."""
    return (
        TextBoxVariable("collector")
        .label("Collector")
        .description("URL of the collector's page, as a browser reaches it; links lead there.")
        .default_value(COLLECTOR)
        .current(VariableOption(text=COLLECTOR, value=COLLECTOR, selected=True))
    )


def phase() -> QueryVariable:
    """Choose a phase; the one that holds comes first, and is chosen until somebody chooses."""
    query = "query_result(sort_desc(max by (phase) (gatewatch_phase_current)))"
    return (
        _variable("phase", "Phase", query, "Phase that judges; the one that holds stands first.")
        .regex('/phase="([^"]+)"/')
        .sort(VariableSort.DISABLED)
    )


def many(name: str, label: str, query: str, description: str) -> QueryVariable:
    """Choose among the values of a label, at first all, the empty one included."""
    return _variable(name, label, query, description).multi(True).include_all(True).all_value(".*")


def one(name: str, label: str, query: str, description: str) -> QueryVariable:
    """Choose one of the values of a label, at first the first."""
    return _variable(name, label, query, description)


def _variable(name: str, label: str, query: str, description: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .description(description)
        .query({"qryType": CLASSIC, "query": query, "refId": name})
        .datasource(DATASOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.NATURAL_ASC)
    )


def annotation(name: str, colour: str, expression: str) -> AnnotationQuery:
    """Mark the moments at which an expression begins to give something."""
    return (
        AnnotationQuery()
        .name(name)
        .datasource(DATASOURCE)
        .enable(True)
        .hide(False)
        .icon_color(colour)
        .expr(expression)
    )


def document(dashboard: Dashboard, titles: Mapping[str, str] | None = None) -> str:
    """Write a dashboard as JSON; `titles` are what marks of an annotation say, by its name.

    Panels get numbers, for links to them. What the library adds to variables that are no intervals
    is left out, and what it knows no field for is added: Grafana's own schema wants both so.
    """
    content: Json = json.loads(JSONEncoder().encode(dashboard.build()))
    numbers = count(1)
    for panel in _panels(content):
        panel["id"] = next(numbers)
    for variable in content["templating"]["list"]:
        for key in ("auto", "auto_min", "auto_count"):
            del variable[key]
    for mark in content.get("annotations", {}).get("list", []):
        mark["titleFormat"] = (titles or {})[mark["name"]]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _panels(content: Json) -> Iterable[Json]:
    for panel in content["panels"]:
        yield panel
        yield from panel.get("panels", [])
