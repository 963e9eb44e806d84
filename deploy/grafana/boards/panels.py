"""Questions to Prometheus, and the panels that show figures, lines and histories."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import stat, statetimeline, timeseries
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
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.boards.frame import DATASOURCE
from deploy.grafana.boards.states import NONE, thresholds


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
