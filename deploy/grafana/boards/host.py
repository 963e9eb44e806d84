"""One host: what it is, how its probe fares, the paths from it and to it."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from deploy.grafana.boards.frame import board, collector, one, phase
from deploy.grafana.boards.panels import figure, lines, now, over_time, rows
from deploy.grafana.boards.states import (
    BAD,
    GOOD,
    MEANINGS,
    PLAIN,
    SAID,
    Look,
    state_of,
    thresholds,
    value_map,
)
from deploy.grafana.boards.tables import PATH_BOARD, PATH_COLUMNS, hide, listing, states

UID = "gatewatch-host"


def host() -> Dashboard:
    """Build the dashboard of one host."""
    dashboard = (
        board(UID, "Gatewatch: host", "One host: its probe, and the paths from it and to it.")
        .with_variable(collector())
        .with_variable(phase())
        .with_variable(
            one("host", "Host", "label_values(gatewatch_host_info, host)", "Name in the inventory.")
        )
    )
    for panel in (
        _what_it_is(),
        _is_up(),
        _last_seen(),
        _maintained(),
        _paths("src", "From it", "Its own measurements."),
        _paths("dst", "To it", "What others measured of it."),
        _round_trips(),
    ):
        dashboard.with_panel(panel)
    return dashboard


def _what_it_is() -> table.Panel:
    panel = listing(
        "What it is",
        "As the inventory says; the version as set, stated or shown. Empty: nobody knows.",
        {"host": "host", "roles": "roles", "site": "site", "version": "version"},
        rows('max by (host, roles, site, version) (gatewatch_host_info{host="$host"})'),
    )
    return hide(panel).span(12).height(5)


def _is_up() -> stat.Panel:
    words = {0: Look("✕ silent", BAD), 1: Look("✓ reports", GOOD)}
    return (
        figure("Probe", "Whether its probe reports.", now('max(gatewatch_probe_up{src="$host"})'))
        .mappings(value_map(words))
        .no_value("has none")
        .text_mode(BigValueTextMode.VALUE)
        .span(4)
        .height(5)
    )


def _last_seen() -> stat.Panel:
    seen = 'time() - max(gatewatch_probe_last_seen_timestamp_seconds{src="$host"})'
    return (
        figure("Last report", "So long ago.", now(seen))
        .unit("s")
        .decimals(0)
        .thresholds(thresholds(PLAIN))
        .no_value("never")
        .text_mode(BigValueTextMode.VALUE)
        .span(4)
        .height(5)
    )


def _maintained() -> stat.Panel:
    words = {0: Look("no", PLAIN), 1: Look("⊘ under maintenance", SAID)}
    return (
        figure(
            "Maintenance",
            "Whether it, or its site, is being maintained: it alerts nobody then.",
            now('max(gatewatch_host_maintained{host="$host"})'),
        )
        .mappings(value_map(words))
        .text_mode(BigValueTextMode.VALUE)
        .span(4)
        .height(5)
    )


def _paths(end: str, title: str, description: str) -> table.Panel:
    panel = listing(
        title,
        f"{description} Judged as phase $phase does. {MEANINGS}",
        PATH_COLUMNS,
        rows(state_of(f'phase="$phase",{end}="$host"')),
        links={"flow": PATH_BOARD},
    )
    return states(panel).span(12).height(12)


def _round_trips() -> timeseries.Panel:
    trips = 'max by (src, dst, port) (gatewatch_path_rtt_seconds{{{end}="$host"}})'
    return (
        lines(
            "Round trips",
            "The kernel's own, of TCP connections from it and to it.",
            "s",
            over_time(trips.format(end="src"), "to {{dst}}:{{port}}", "A"),
            over_time(trips.format(end="dst"), "from {{src}} to :{{port}}", "B"),
        )
        .span(24)
        .height(9)
    )
