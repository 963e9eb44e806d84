"""Tables: rows of paths and others, with words, states and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import TableCellHeight
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from deploy.grafana.boards.frame import DATASOURCE
from deploy.grafana.boards.states import NONE, Look, state_map, thresholds

TINTED = {"type": "color-background", "mode": "basic"}
PATH_COLUMNS = {
    "flow": "flow",
    "src": "source",
    "dst": "destination",
    "proto": "protocol",
    "port": "port",
    "phase": "phase",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a column of a listing leads, row by row."""

    title: str
    url: str

    @property
    def value(self) -> list[dict[str, object]]:
        """Write it as Grafana reads it."""
        return [{"title": self.title, "url": self.url, "targetBlank": True}]


# Names of the inventory need no escape in a URL; `>` does.
PATH_PAGE = Link(
    "Why, on the collector's page",
    "${collector}/?phase=${__data.fields.phase}&path=${__data.fields.flow}:${__data.fields.src}"
    "%3E${__data.fields.dst}:${__data.fields.proto}/${__data.fields.port}",
)
_KEPT = "${datasource:queryparam}&${collector:queryparam}&${__url_time_range}"
PATH_BOARD = Link(
    "Times and history of the path",
    f"/d/gatewatch-path?{_KEPT}&var-phase=${{__data.fields.phase}}&var-flow=${{__data.fields.flow}}"
    "&var-src=${__data.fields.src}&var-dst=${__data.fields.dst}&var-port=${__data.fields.port}",
)
HOST_BOARD = Link("All about the host", f"/d/gatewatch-host?{_KEPT}&var-host=${{__value.raw}}")


def listing(
    title: str,
    description: str,
    columns: Mapping[str, str],
    *queries: Dataquery,
    links: Mapping[str, Link] | None = None,
) -> table.Panel:
    """List rows; `columns` name the labels in their order, and how their heads read.

    The value of a query is the column `Value`, or `Value #A` beside those of others.
    """
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .cell_height(TableCellHeight.SM)
        .filterable(True)
        .thresholds(thresholds(NONE))
    )
    for query in queries:
        panel.with_target(query)
    if len(queries) > 1:
        panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    places = {name: place for place, name in enumerate(columns)}
    organised = {"excludeByName": {"Time": True}, "indexByName": places, "renameByName": {}}
    panel.with_transformation(DataTransformerConfig(id_val="organize", options=organised))
    for name, head in columns.items():
        properties = [DynamicConfigValue(id_val="displayName", value=head)]
        if links and name in links:
            properties.append(DynamicConfigValue(id_val="links", value=links[name].value))
        panel.override_by_name(name, properties)
    return panel


def grid(title: str, description: str, query: Dataquery, row: str, column: str) -> table.Panel:
    """Spread the values of rows over two of their labels."""
    spread = {"rowField": row, "columnField": column, "valueField": "Value"}
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .cell_height(TableCellHeight.SM)
        .thresholds(thresholds(NONE))
        .with_target(query)
        .with_transformation(DataTransformerConfig(id_val="groupingToMatrix", options=spread))
        # Grafana heads the first column with the names of both labels.
        .override_by_regexp(
            rf"/^{row}\\{column}$/", [DynamicConfigValue(id_val="displayName", value=row)]
        )
    )


def worded(panel: table.Panel, column: str, looks: Mapping[str, Look], head: str) -> table.Panel:
    """Let a column that holds words of the collector show them by shape and colour."""
    options = {
        word: {"text": look.text, "color": look.colour, "index": index}
        for index, (word, look) in enumerate(looks.items())
    }
    return panel.override_by_name(
        column,
        [
            DynamicConfigValue(id_val="displayName", value=head),
            DynamicConfigValue(id_val="mappings", value=[{"type": "value", "options": options}]),
            DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
        ],
    )


def value(
    panel: table.Panel,
    head: str,
    unit: str | None = None,
    name: str = "Value",
    more: Sequence[DynamicConfigValue] = (),
) -> table.Panel:
    """Say how the value of a row is headed and read."""
    properties = [DynamicConfigValue(id_val="displayName", value=head)]
    if unit is not None:
        properties.append(DynamicConfigValue(id_val="unit", value=unit))
    return panel.override_by_name(name, [*properties, *more])


def states(panel: table.Panel) -> table.Panel:
    """Let the value of a row be a state, which leads to the path on the collector's page."""
    shown = [
        DynamicConfigValue(id_val="mappings", value=state_map()),
        DynamicConfigValue(id_val="custom.cellOptions", value=TINTED),
        DynamicConfigValue(id_val="links", value=PATH_PAGE.value),
    ]
    return value(panel, "state", None, "Value", shown)


def hide(panel: table.Panel, name: str = "Value") -> table.Panel:
    """Keep a column from sight; links may still use it."""
    return panel.override_by_name(name, [DynamicConfigValue(id_val="custom.hidden", value=True)])
