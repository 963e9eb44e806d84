"""What collectors say of themselves, each process by its own."""

from grafana_foundation_sdk.builders import stat, table, timeseries

from deploy.grafana.boards.frame import Panel
from deploy.grafana.boards.panels import figure, lines, now, over_time, rows
from deploy.grafana.boards.states import BAD, GOOD, Look, value_map
from deploy.grafana.boards.tables import hide, listing, value

OF_A_COLLECTOR = "and on (job, instance) gatewatch_collector_build_info"


def of_collectors() -> tuple[Panel, ...]:
    """Build the panels, in their order."""
    return (
        _ready(),
        _version(),
        _reports(),
        _results(),
        _refusals(),
        _store(),
        _scrapes(),
        _waiting(),
        _memory(),
        _cpu(),
        _connects(),
    )


def _ready() -> stat.Panel:
    words = {0: Look("✕ keeps nothing", BAD), 1: Look("✓ ready", GOOD)}
    return (
        figure(
            "Ready",
            "Whether each can make reports durable, as /readyz says.",
            now("gatewatch_collector_ready", "{{instance}}"),
        )
        .mappings(value_map(words))
        .span(6)
        .height(5)
    )


def _version() -> table.Panel:
    panel = listing(
        "Version",
        "Of each collector. Since: when its process began.",
        {"instance": "collector", "version": "version"},
        rows(
            "1000 * process_start_time_seconds * on (job, instance) group_left (version)"
            " gatewatch_collector_build_info"
        ),
    )
    hide(panel, "job")
    return value(panel, "since", "dateTimeAsIso").span(10).height(5)


def _reports() -> timeseries.Panel:
    rate = "sum by (instance) (rate(gatewatch_collector_reports_total[$__rate_interval]))"
    return (
        lines(
            "Reports",
            "Taken per second, repeated ones included.",
            "reqps",
            over_time(rate, "{{instance}}"),
        )
        .span(8)
        .height(5)
    )


def _results() -> timeseries.Panel:
    rate = "sum by (fate) (rate(gatewatch_collector_results_total[$__rate_interval]))"
    return (
        lines(
            "Results",
            "Per second. Dropped: left the plan. Old: overtaken. Clamped: from the future.",
            "cps",
            over_time(rate, "{{fate}}"),
        )
        .span(8)
        .height(8)
    )


def _refusals() -> timeseries.Panel:
    rate = "sum by (problem) (rate(gatewatch_collector_refusals_total[$__rate_interval]))"
    return (
        lines("Refusals", "Calls per second, by problem.", "reqps", over_time(rate, "{{problem}}"))
        .span(8)
        .height(8)
    )


def _quantiles(name: str) -> str:
    return (
        f"histogram_quantile(0.99, sum by (instance, le) (rate({name}_bucket[$__rate_interval])))"
    )


def _store() -> timeseries.Panel:
    return (
        lines(
            "Writing to the store",
            "99 % are quicker. A report is answered when it is on disk.",
            "s",
            over_time(_quantiles("gatewatch_collector_store_seconds"), "{{instance}}"),
        )
        .span(8)
        .height(8)
    )


def _scrapes() -> timeseries.Panel:
    return (
        lines(
            "Rendering metrics",
            "99 % are quicker. Long before Prometheus' scrape_timeout.",
            "s",
            over_time(_quantiles("gatewatch_collector_scrape_seconds"), "{{instance}}"),
        )
        .span(8)
        .height(8)
    )


def _waiting() -> timeseries.Panel:
    return (
        lines(
            "Who waits",
            "Probes that wait for a change, and readers that follow the events.",
            "short",
            over_time("gatewatch_collector_long_polls", "probes, {{instance}}", "A"),
            over_time("gatewatch_collector_event_streams", "readers, {{instance}}", "B"),
        )
        .decimals(0)
        .span(8)
        .height(8)
    )


def _memory() -> timeseries.Panel:
    return (
        lines(
            "Memory",
            "Resident.",
            "bytes",
            over_time(f"process_resident_memory_bytes {OF_A_COLLECTOR}", "{{instance}}"),
        )
        .span(8)
        .height(8)
    )


def _cpu() -> timeseries.Panel:
    rate = f"rate(process_cpu_seconds_total[$__rate_interval]) {OF_A_COLLECTOR}"
    return (
        lines(
            "CPU",
            "Share of one core; a collector uses one.",
            "percentunit",
            over_time(rate, "{{instance}}"),
        )
        .span(8)
        .height(8)
    )


def _connects() -> timeseries.Panel:
    buckets = "sum by (flow, le) (rate(gatewatch_flow_connect_seconds_bucket[$__rate_interval]))"
    return (
        lines(
            "Connects by flow",
            "95 % of what did connect was quicker.",
            "s",
            over_time(f"histogram_quantile(0.95, {buckets})", "{{flow}}"),
        )
        .span(16)
        .height(8)
    )
