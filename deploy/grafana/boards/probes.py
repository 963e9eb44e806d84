"""What probes say of themselves."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from deploy.grafana.boards.frame import Panel
from deploy.grafana.boards.panels import counted, figure, lines, now, over_time, rows, stacked
from deploy.grafana.boards.states import BAD, GOOD, PLAIN, Look, thresholds, value_map
from deploy.grafana.boards.tables import HOST_BOARD, listing, value

PROBES = '{src=~"$probe"}'


def of_probes() -> tuple[Panel, ...]:
    """Build the panels, in their order."""
    return (
        _reporting(),
        _losing(),
        _probes(),
        _of_probes(
            "Results that wait",
            "For a collector, in the probes' spools.",
            "spooled_results",
            "short",
        ),
        _of_probes(
            "Event loop",
            "By how much it was late at worst; late checks make times doubtful.",
            "loop_lag_seconds",
            "s",
        ),
        _late(),
        _skew(),
        _dropped(),
        _agents(),
    )


def _reporting() -> stat.Panel:
    each = "max by (src) (gatewatch_probe_up)"
    return (
        figure(
            "Probes",
            "That report, and that are silent. Those of agents are counted below.",
            now(f"sum({each})", "report", "A"),
            now(counted(f"{each} == 0", each), "silent", "B"),
        )
        .decimals(0)
        .thresholds(thresholds(PLAIN))
        .override_by_name(
            "silent",
            [
                DynamicConfigValue(
                    id_val="thresholds",
                    value={
                        "mode": "absolute",
                        "steps": [{"value": None, "color": GOOD}, {"value": 1, "color": BAD}],
                    },
                )
            ],
        )
        .span(6)
        .height(9)
    )


def _losing() -> stat.Panel:
    return (
        figure(
            "Spools not on disk",
            "Probes whose disk takes nothing: a restart would lose what waits.",
            now(
                counted(
                    "max by (src) (gatewatch_probe_spool_durable) == 0",
                    "gatewatch_probe_spool_durable",
                )
            ),
        )
        .decimals(0)
        .thresholds(thresholds(GOOD, (1, BAD)))
        .span(4)
        .height(9)
    )


def _probes() -> table.Panel:
    up = f"max by (src) (gatewatch_probe_up{PROBES})"
    seen = f"time() - max by (src) (gatewatch_probe_last_seen_timestamp_seconds{PROBES})"
    panel = listing(
        "Each probe",
        "Silent: its paths become unproven, and what was broken stays broken.",
        {"src": "host", "Value #A": "probe", "Value #B": "last report"},
        rows(up, "A"),
        rows(seen, "B"),
        links={"src": HOST_BOARD},
    )
    looks = value_map({0: Look("✕ silent", BAD), 1: Look("✓ reports", GOOD)})
    coloured = [
        DynamicConfigValue(id_val="mappings", value=looks),
        DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
    ]
    value(panel, "probe", None, "Value #A", coloured)
    return value(panel, "last report, ago", "s", "Value #B").span(14).height(9)


def _of_probes(title: str, description: str, measure: str, unit: str) -> timeseries.Panel:
    query = over_time(f"max by (src) (gatewatch_probe_{measure}{PROBES})", "{{src}}")
    return lines(title, description, unit, query).span(8).height(8)


def _late() -> timeseries.Panel:
    rate = f"max by (src) (rate(gatewatch_probe_late_checks_total{PROBES}[$__rate_interval]))"
    return (
        lines(
            "Late checks", "Checks per second that began late.", "cps", over_time(rate, "{{src}}")
        )
        .span(8)
        .height(8)
    )


def _skew() -> timeseries.Panel:
    skew = f"max by (src) (gatewatch_probe_clock_skew_seconds{PROBES})"
    return (
        lines(
            "Clocks",
            "Ahead of the collector's; below zero: behind. From 5 s on, times are corrected by it.",
            "s",
            over_time(skew, "{{src}}"),
            least=None,
        )
        .span(8)
        .height(8)
    )


def _dropped() -> timeseries.Panel:
    rate = (
        f"max by (src) (increase(gatewatch_probe_dropped_results_total{PROBES}[$__rate_interval]))"
    )
    return (
        lines(
            "Results given up",
            "The spool was full, or they were too old or damaged. Changes go last.",
            "short",
            over_time(rate, "{{src}}"),
        )
        .span(8)
        .height(8)
    )


def _agents() -> timeseries.Panel:
    counts = "sum by (state) (max by (group, src_site, state) (gatewatch_agent_probes))"
    chart = lines(
        "Probes of agents",
        "All groups together. Down: switched off as a rule.",
        "short",
        over_time(counts, "{{state}}"),
    )
    return stacked(chart, {"up": GOOD, "down": PLAIN}).decimals(0).span(8).height(8)
