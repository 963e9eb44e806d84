"""One path: what each phase thinks of it, what it did, how long it took."""

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.models.common import BigValueTextMode

from deploy.grafana.boards.frame import board, collector, one, phase
from deploy.grafana.boards.panels import figure, history, lines, now, over_time, rows
from deploy.grafana.boards.states import (
    BAD,
    GOOD,
    MEANINGS,
    PLAIN,
    SAID,
    Look,
    state_map,
    state_of,
    thresholds,
    value_map,
)
from deploy.grafana.boards.states import PATH as ENDS
from deploy.grafana.boards.tables import listing, states

UID = "gatewatch-path"
CHOSEN = 'flow="$flow",src="$src",dst="$dst",port="$port"'


def path() -> Dashboard:
    """Build the dashboard of one path."""
    dashboard = board(
        UID,
        "Gatewatch: path",
        "One path: its state in every phase, its outcomes, its times.",
    )
    for variable in (collector(), phase()):
        dashboard.with_variable(variable)
    for variable in _ends():
        dashboard.with_variable(variable)
    for panel in (
        _verdicts(),
        _figure("Round trip", "The kernel's own, of the last connection.", "rtt_seconds", "s"),
        _figure(
            "Connect",
            "As the probe saw it; absent for what did not connect.",
            "connect_seconds",
            "s",
        ),
        _age(),
        _latch(),
        _history(),
        _outcomes(),
        _times(),
        _silenced(),
        _certificate(),
    ):
        dashboard.with_panel(panel)
    return dashboard


def _ends() -> tuple[QueryVariable, ...]:
    """Choose a path step by step, each among what the steps before leave."""
    within, found = "", []
    for name, label, text in (
        ("flow", "Flow", "Flow of the catalog, or of the inventory."),
        ("src", "Source", "Host whose probe measures."),
        ("dst", "Destination", "Host that is measured."),
        ("port", "Port", "Its port."),
    ):
        query = f"label_values(gatewatch_path_info{{{within}}}, {name})"
        found.append(one(name, label, query, text))
        within += f'{"," if within else ""}{name}="${name}"'
    return tuple(found)


def _verdicts() -> table.Panel:
    expectations = f"max by (phase, {ENDS}, expect, scope, guide) (gatewatch_path_info{{{CHOSEN}}})"
    panel = listing(
        "What each phase expects, and how it judges",
        f"A state leads to its reason on the collector's page. {MEANINGS}",
        {
            "phase": "phase",
            "expect": "expected",
            "scope": "scope",
            "guide": "row of the guide",
            "flow": "flow",
            "src": "source",
            "dst": "destination",
            "proto": "protocol",
            "port": "port",
        },
        rows(
            f"{expectations}\n* on (phase, {ENDS}) group_left () ({state_of(CHOSEN)})",
        ),
    )
    return states(panel).span(24).height(8)


def _figure(title: str, description: str, measure: str, unit: str) -> stat.Panel:
    query = now(f"max by ({ENDS}) (gatewatch_path_{measure}{{{CHOSEN}}})")
    return (
        figure(title, description, query)
        .unit(unit)
        .thresholds(thresholds(PLAIN))
        .text_mode(BigValueTextMode.VALUE)
        .no_value("not measured")
        .span(6)
        .height(4)
    )


def _age() -> stat.Panel:
    query = now(
        f"time() - max by ({ENDS}) (gatewatch_path_last_observed_timestamp_seconds{{{CHOSEN}}})"
    )
    return (
        figure("Last measured", "So long ago. Three intervals make it stale, then unproven.", query)
        .unit("s")
        .decimals(0)
        .thresholds(thresholds(PLAIN))
        .text_mode(BigValueTextMode.VALUE)
        .no_value("never")
        .span(6)
        .height(4)
    )


def _latch() -> stat.Panel:
    words = {0: Look("✓ does not alert", GOOD), 1: Look("✕ alerts", BAD)}
    return (
        figure(
            "In the phase above",
            "Broken until a fresh observation is not; never while pending, waived or maintained.",
            now(f'max by ({ENDS}) (gatewatch_path_broken{{{CHOSEN},phase="$phase"}})'),
        )
        .mappings(value_map(words))
        .text_mode(BigValueTextMode.VALUE)
        .no_value("not binding")
        .span(6)
        .height(4)
    )


def _history() -> statetimeline.Panel:
    return (
        history("State over time", MEANINGS, over_time(state_of(CHOSEN), "{{phase}}"))
        .mappings(state_map())
        .span(24)
        .height(8)
    )


def _outcomes() -> statetimeline.Panel:
    seen = f"max by (outcome, identity) (gatewatch_path_outcome_info{{{CHOSEN}}})"
    return (
        history(
            "What the network did",
            "The outcome, and whether the right service answered.",
            over_time(seen, "{{outcome}} {{identity}}"),
        )
        .mappings(value_map({1: Look("●", PLAIN)}))
        .span(12)
        .height(8)
    )


def _times() -> timeseries.Panel:
    return (
        lines(
            "Times",
            "Round trip: the kernel's. Connect: as the probe saw it, its own load included.",
            "s",
            over_time(
                f"max by ({ENDS}) (gatewatch_path_rtt_seconds{{{CHOSEN}}})", "round trip", "A"
            ),
            over_time(
                f"max by ({ENDS}) (gatewatch_path_connect_seconds{{{CHOSEN}}})", "connect", "B"
            ),
        )
        .span(12)
        .height(8)
    )


def _silenced() -> statetimeline.Panel:
    by = f"max by (by) (gatewatch_path_silenced{{{CHOSEN}}})"
    return (
        history(
            "Waived, maintained or attested",
            "What operators said of it. Empty: nothing.",
            over_time(by, "{{by}}"),
        )
        .mappings(value_map({1: Look("⊘", SAID)}))
        .no_value("nothing was said of it")
        .span(12)
        .height(6)
    )


def _certificate() -> table.Panel:
    panel = listing(
        "Certificate",
        "When what this source was shown there expires.",
        {"src": "source", "dst": "destination", "port": "port"},
        rows(
            "1000 * min by (src, dst, port)"
            ' (gatewatch_certificate_expiry_timestamp_seconds{src="$src",dst="$dst",port="$port"})'
        ),
    )
    return panel.unit("dateTimeAsIso").no_value("none was shown").span(12).height(6)
