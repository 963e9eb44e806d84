"""The four kinds of panel that the dashboards are made of, each made in one way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TableCellHeight,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.boards.frame import DATASOURCE
from deploy.grafana.boards.states import NONE, Look, state_map, thresholds


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
TINTED = {"type": "color-background", "mode": "basic"}


def counted(expression: str, known: str) -> str:
    """Count what an expression gives: 0 for nothing, but nothing where nothing is known."""
    return f"count({expression}) or 0 * count({known})"


def now(expression: str, legend: str = "", ref: str = "A") -> Dataquery:
    """Ask for the newest values."""
    return _query(expression, legend, ref).instant()


def rows(expression: str, ref: str = "A") -> Dataquery:
    """Ask for the newest values, one row each, labels as columns."""
    return _query(expression, "", ref).instant().format(PromQueryFormat.TABLE)


def over_time(expression: str, legend: str, ref: str = "A") -> Dataquery:
    """Ask for the values of the chosen time."""
    return _query(expression, legend, ref).range()


def _query(expression: str, legend: str, ref: str) -> Dataquery:
    return Dataquery().datasource(DATASOURCE).expr(expression).legend_format(legend).ref_id(ref)


def figure(title: str, description: str, *queries: Dataquery) -> stat.Panel:
    """Show the newest value of each series, large."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.AUTO)
    )
    for query in queries:
        panel.with_target(query)
    return panel


def lines(
    title: str, description: str, unit: str, *queries: Dataquery, least: float | None = 0
) -> timeseries.Panel:
    """Draw each series over time, on an axis that begins at `least` or where Grafana thinks."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .line_width(2)
        .fill_opacity(8)
        .show_points(VisibilityMode.NEVER)
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if least is not None:
        panel.min(least)
    for query in queries:
        panel.with_target(query)
    return panel


def stacked(panel: timeseries.Panel, colours: Mapping[str, str]) -> timeseries.Panel:
    """Pile the series up, each in its colour, by its name in the legend."""
    panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(55).line_width(1)
    for name, colour in colours.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        panel.override_by_name(name, [DynamicConfigValue(id_val="color", value=fixed)])
    return panel


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
        .override_by_regexp(f"/^{row}/", [DynamicConfigValue(id_val="displayName", value=row)])
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


def history(title: str, description: str, *queries: Dataquery) -> statetimeline.Panel:
    """Draw what each series was when, twenty on a page."""
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds(NONE))
        .merge_values(True)
        .show_value(VisibilityMode.AUTO)
        .row_height(0.85)
        .line_width(0)
        .fill_opacity(80)
        .per_page(20)
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
    )
    for query in queries:
        panel.with_target(query)
    return panel
