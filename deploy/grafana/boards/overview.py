"""Migration overview: where the migration stands, what holds it up, whom it costs something now."""

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models.common import BigValueTextMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from deploy.grafana.boards.frame import annotation, board, collector
from deploy.grafana.boards.panels import figure, lines, now, over_time, rows, stacked
from deploy.grafana.boards.states import (
    BAD,
    DOUBT,
    GOAL,
    GOOD,
    PLAIN,
    SAID,
    Look,
    thresholds,
    value_map,
)
from deploy.grafana.boards.states import PATH as ENDS
from deploy.grafana.boards.tables import PATH_COLUMNS, PATH_PAGE, grid, hide, listing, value, worded

UID = "gatewatch-overview"
CURRENT = "on (phase) (gatewatch_phase_current == 1)"
COUNTS = {
    "broken": BAD,
    "unproven": DOUBT,
    "pending": GOAL,
    "ok": GOOD,
    "unverifiable": PLAIN,
    "waived": SAID,
    "attested": SAID,
}
SERVED = {
    "cut_off": Look("✕ cut off", BAD),
    "degraded": Look("! degraded", DOUBT),
    "unknown": Look("? unknown", PLAIN),
    "served": Look("✓ served", GOOD),
}
BROKEN = f"""\
max by (phase, {ENDS}) (gatewatch_path_broken == 1 and {CURRENT})
* on (phase, {ENDS}) group_left (expect, guide)
  max by (phase, {ENDS}, expect, guide) (gatewatch_path_info)"""
BROKEN_WITH_OUTCOME = f"""\
({BROKEN})
* on ({ENDS}) group_left (outcome) max by ({ENDS}, outcome) (gatewatch_path_outcome_info)
or on (phase, {ENDS}) ({BROKEN})"""

ALERT_LABELS = "alertname, severity, path, host, group, site, phase"
FIRING = 'ALERTS{alertstate="firing",alertname=~"Gatewatch.+",severity!="none"}'
_BEGAN = "changes({metric}[$__rate_interval]) > 0 and {metric} == {value}"
MARKS = {
    "Phase set": (
        GOAL,
        f"max by (phase) ({_BEGAN.format(metric='gatewatch_phase_current', value=1)})",
    ),
    "Gate opened": (
        GOOD,
        f"max by (phase) ({_BEGAN.format(metric='gatewatch_phase_ready', value=1)})",
    ),
    "Gate lost": (
        BAD,
        f"max by (phase) ({_BEGAN.format(metric='gatewatch_phase_ready', value=0)})",
    ),
    "Paths broke": (
        DOUBT,
        "count by (flow, dst) (max by (flow, src, dst)"
        f" ({_BEGAN.format(metric='gatewatch_path_broken', value=1)} and {CURRENT}))",
    ),
}
TITLES = {
    "Phase set": "The phase is {{phase}} from here on",
    "Gate opened": "Phase {{phase}} may start",
    "Gate lost": "Phase {{phase}} may no longer start",
    "Paths broke": "{{flow}} to {{dst}} broke",
}


def overview() -> Dashboard:
    """Build the dashboard that hangs on the wall."""
    dashboard = board(
        UID,
        "Gatewatch: migration overview",
        "Where the migration of SES Evolution stands: gates, what holds them up, agents.",
    ).with_variable(collector())
    for name, (colour, expression) in MARKS.items():
        dashboard.annotation(annotation(name, colour, expression))
    for panel in (_phase(), _ready(), _done(), _counts()):
        dashboard.with_panel(panel)
    dashboard.with_row(Row("What holds the gates up"))
    for chart in (_burn_down("broken"), _burn_down("unproven"), _of_the_phase()):
        dashboard.with_panel(chart)
    dashboard.with_panel(_broken()).with_panel(_alerts())
    dashboard.with_row(Row("SES agents"))
    dashboard.with_panel(_agents()).with_panel(_groups())
    dashboard.with_row(Row("What runs out"))
    for listed in (_syslog(), _certificates(), _waivers()):
        dashboard.with_panel(listed)
    return dashboard


def _phase() -> stat.Panel:
    return (
        figure(
            "Current phase",
            "The phase that an operator set last.",
            now("max by (phase) (gatewatch_phase_current) == 1", "{{phase}}"),
        )
        .text_mode(BigValueTextMode.NAME)
        .thresholds(thresholds(GOAL))
        .no_value("no collector answers")
        .span(4)
        .height(8)
    )


def _ready() -> stat.Panel:
    words = {1: Look("✓ may start", GOOD), 0: Look("✕ not yet", BAD)}
    return (
        figure(
            "May the phase start?",
            "The gate of each phase. Not yet: NOT_READY or INCONCLUSIVE, as the counts tell.",
            now("max by (phase) (gatewatch_phase_ready)", "{{phase}}"),
        )
        .mappings(value_map(words))
        .span(5)
        .height(8)
    )


def _done() -> stat.Panel:
    words = {1: Look("✓ reached", GOOD), 0: Look("… not yet", GOAL)}
    return (
        figure(
            "Has the phase reached its goal?",
            "As `gate PHASE --done` says: its goals are judged too.",
            now("max by (phase) (gatewatch_phase_done)", "{{phase}}"),
        )
        .mappings(value_map(words))
        .span(5)
        .height(8)
    )


def _counts() -> table.Panel:
    panel = grid(
        "What each gate counts",
        "Binding paths, and agents by group, flow and handler; each counts once.",
        rows("max by (phase, verdict) (gatewatch_phase_paths)"),
        "phase",
        "verdict",
    )
    for name in ("broken", "unproven"):
        panel.override_by_name(
            name,
            [
                DynamicConfigValue(
                    id_val="color", value={"mode": "fixed", "fixedColor": COUNTS[name]}
                ),
                DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
            ],
        )
    return panel.span(10).height(8)


def _burn_down(verdict: str) -> timeseries.Panel:
    return (
        lines(
            f"Burn-down: {verdict}",
            f"What is {verdict} for the gate of each phase. It may start at zero of both.",
            "short",
            over_time(
                f'max by (phase) (gatewatch_phase_paths{{verdict="{verdict}"}})', "{{phase}}"
            ),
        )
        .decimals(0)
        .span(8)
        .height(8)
    )


def _of_the_phase() -> timeseries.Panel:
    chart = lines(
        "The current phase over time",
        "All that its gate counts. Pending: a goal that was not reached yet.",
        "short",
        over_time(
            f"max by (verdict) (gatewatch_phase_paths and {CURRENT})",
            "{{verdict}}",
        ),
    )
    return stacked(chart, COUNTS).decimals(0).span(8).height(8)


def _broken() -> table.Panel:
    panel = listing(
        "Broken in the current phase",
        "What alerts: binding paths, confirmed, neither pending, waived nor maintained."
        " Empty is good only while probes report.",
        {**PATH_COLUMNS, "outcome": "seen", "expect": "expected", "guide": "row of the guide"},
        rows(BROKEN_WITH_OUTCOME),
        links={"flow": PATH_PAGE},
    )
    return hide(panel).no_value("nothing is known to be broken").span(24).height(9)


def _alerts() -> table.Panel:
    panel = listing(
        "Alerts",
        "That fire, by the rules of deploy/prometheus. Alertmanager sends one for one cause and"
        " holds the others back.",
        {
            "alertname": "alert",
            "severity": "severity",
            "path": "path",
            "host": "host",
            "group": "group",
            "site": "site",
            "phase": "phase",
        },
        rows(f"max by ({ALERT_LABELS}) ({FIRING})"),
    )
    words = {"critical": Look("✕ critical", BAD), "warning": Look("! warning", DOUBT)}
    worded(panel, "severity", words, "severity")
    return hide(panel).no_value("no rule is known to fire").span(24).height(9)


def _agents() -> timeseries.Panel:
    chart = lines(
        "Agents by how the handlers serve them",
        "Served: by all handlers. Cut off: by none. Unknown: not measured, such as switched off.",
        "short",
        over_time(
            "sum by (state) (max by (group, src_site, state) (gatewatch_group_agents))", "{{state}}"
        ),
    )
    return (
        stacked(chart, {state: look.colour for state, look in SERVED.items()})
        .decimals(0)
        .span(12)
        .height(9)
    )


def _groups() -> table.Panel:
    panel = listing(
        "Agents by group and site",
        "Now. An agent in several groups counts in each.",
        {"group": "group", "src_site": "site"},
        rows("max by (group, src_site, state) (gatewatch_group_agents) > 0"),
    )
    worded(panel, "state", SERVED, "state")
    return value(panel, "agents", "short").span(12).height(9)


def _syslog() -> table.Panel:
    panel = listing(
        "Until logs are lost",
        "A handler keeps logs for at most 24 h while its server is away over TCP or TLS, none over"
        " UDP. Below zero: logs are being lost.",
        {"src": "handler", "dst": "server", "proto": "protocol", "port": "port", "flow": "flow"},
        rows(f"min by ({ENDS}) (gatewatch_path_loss_timestamp_seconds) - time()"),
    )
    return (
        _running_out(panel, 4 * 3600, 20 * 3600)
        .no_value("no syslog path is known to be broken")
        .span(8)
        .height(8)
    )


def _certificates() -> table.Panel:
    panel = listing(
        "Until certificates expire",
        "The first to expire of those that the probes were shown, by destination and port.",
        {"dst": "destination", "port": "port"},
        rows("min by (dst, port) (gatewatch_certificate_expiry_timestamp_seconds) - time()"),
    )
    return _running_out(panel, 2 * 86400, 14 * 86400).span(8).height(8)


def _waivers() -> table.Panel:
    panel = listing(
        "Until waivers end",
        "From then on what they cover counts and alerts again.",
        {"path": "paths"},
        rows("max by (path) (gatewatch_waiver_end_timestamp_seconds) - time()"),
    )
    return _running_out(panel, 0, 2 * 86400).no_value("no waiver is known").span(8).height(8)


def _running_out(panel: table.Panel, late: float, soon: float) -> table.Panel:
    steps = [
        {"value": None, "color": BAD},
        {"value": late, "color": DOUBT},
        {"value": soon, "color": GOOD},
    ]
    more = [
        DynamicConfigValue(id_val="thresholds", value={"mode": "absolute", "steps": steps}),
        DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
    ]
    return value(panel, "left", "dtdurations", "Value", more)
