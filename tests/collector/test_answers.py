from datetime import UTC, datetime

import pytest

from collector.assignments import check_key
from collector.estate import Estate
from collector.memory import Silence, SilencedBy
from flows.errors import UsageError
from flows.gates import Count, GateState, Rules
from flows.hosts import Version
from flows.phases import Expectation, Phase
from flows.plan import Path, Scope
from tests.collector.samples import (
    CONNECTED,
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    DENIED,
    FAULT,
    FILTERED,
    HANDLER,
    HANDLER_OLD,
    HTTPS,
    INVENTORY,
    REFUSED,
    REJECTED,
    WATCHED,
    at,
    started,
    tell,
    told_to_alerts,
    turn,
)

SMALL = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  be-01: {address: 10.1.0.11, roles: [backend, agent-handler], site: dc1, version: "2.6"}
  con-01: {address: 10.2.0.5, roles: [console], site: office, version: "2.6"}
"""
LOCAL = "handler-backend:be-01>be-01:tcp/443"


def latched(estate: Estate, path: str, seconds: float, phase: Phase = Phase.BASELINE) -> bool:
    return told_to_alerts(estate, path, at(seconds), phase)


def test_a_gate_is_ready_when_all_that_binds_is_ok() -> None:
    estate = started(SMALL)
    tell(estate, {CONSOLE_OLD: HTTPS, LOCAL: HTTPS})

    answer = estate.gate(Phase.BASELINE, at(1))

    assert answer.gate.state is GateState.READY
    assert (answer.gate.counts[Count.OK], answer.since) == (2, {})


def test_a_gate_names_what_blocks_it_and_since_when() -> None:
    estate = started(SMALL)
    tell(estate, {CONSOLE_OLD: HTTPS})
    turn(estate, {CONSOLE_OLD: REJECTED}, 30)

    answer = estate.gate(Phase.BASELINE, at(40))

    assert answer.gate.state is GateState.NOT_READY
    assert [unit.path for unit in answer.gate.blockers] == [CONSOLE_OLD, LOCAL]
    assert answer.since == {CONSOLE_OLD: at(30), LOCAL: None}


def test_a_gate_follows_reports_age_and_waivers() -> None:
    text = SMALL + 'waivers: [{path: "console-backend:*", reason: x, until: 2026-11-23}]\n'
    estate = started(text)

    def state(seconds: float) -> tuple[GateState, int]:
        gate = estate.gate(Phase.BASELINE, at(seconds)).gate
        return gate.state, gate.counts[Count.WAIVED]

    assert state(0) == (GateState.INCONCLUSIVE, 1)
    tell(estate, {LOCAL: HTTPS})
    assert state(1) == (GateState.READY, 1)
    assert state(46) == (GateState.INCONCLUSIVE, 1)
    assert state(13 * 3600) == (GateState.INCONCLUSIVE, 0)


def test_a_gate_leaves_goals_out_unless_asked_whether_they_are_reached() -> None:
    estate = started(SMALL, Phase.PREPARE)
    tell(estate, {CONSOLE_OLD: HTTPS, LOCAL: HTTPS, CONSOLE_NEW: FILTERED})

    before = estate.gate(Phase.PREPARE, at(1)).gate
    done = estate.gate(Phase.PREPARE, at(1), done=True).gate

    assert (before.state, before.done, before.counts[Count.PENDING]) == (GateState.READY, False, 1)
    assert (done.state, done.done, done.counts[Count.UNPROVEN]) == (
        GateState.INCONCLUSIVE,
        True,
        1,
    )


def test_a_goal_that_was_reached_counts_as_any_other() -> None:
    estate = started(SMALL, Phase.PREPARE)
    turn(estate, {CONSOLE_OLD: HTTPS, LOCAL: HTTPS, CONSOLE_NEW: REFUSED})
    turn(estate, {CONSOLE_OLD: HTTPS, LOCAL: HTTPS, CONSOLE_NEW: REJECTED}, 15)

    gate = estate.gate(Phase.PREPARE, at(21)).gate

    assert (gate.state, gate.counts[Count.PENDING]) == (GateState.NOT_READY, 0)


def test_goals_reached_in_another_phase_do_not_count() -> None:
    estate = started(SMALL, Phase.PREPARE)
    tell(estate, {CONSOLE_NEW: REFUSED})

    gate = estate.gate(Phase.COMPLETE, at(1)).gate

    assert gate.phase is Phase.COMPLETE
    assert estate.gate(Phase.PREPARE, at(100)).gate.counts[Count.PENDING] == 0


def test_a_phase_without_goals_asks_the_same_both_ways() -> None:
    estate = started(SMALL)

    first, done = (estate.gate(Phase.AGENTS, at(1), done=done) for done in (False, True))

    assert (first.gate.done, done.gate.done) == (False, True)
    assert (first.gate.counts, first.since) == (done.gate.counts, done.since)


def test_a_version_that_is_set_opens_the_gate_to_agents() -> None:
    estate = started(SMALL, Phase.BACKOFFICE)
    assert [one.host for one in estate.gate(Phase.AGENTS, at(0)).gate.hosts] == ["be-01", "con-01"]

    estate.apply(estate.decide_versions("*", Version("2.7.1"), at(1)))

    assert estate.gate(Phase.AGENTS, at(2)).gate.hosts == ()


def test_blocked_agents_block_since_the_first_of_them() -> None:
    estate = started(phase=Phase.BASELINE)
    tell(estate, {HANDLER_OLD: CONNECTED, HANDLER_OLD.replace("pc-001", "pc-002"): CONNECTED})
    turn(estate, {HANDLER_OLD: FILTERED}, 60)
    turn(estate, {HANDLER_OLD.replace("pc-001", "pc-002"): FILTERED}, 90)

    answer = estate.gate(Phase.BASELINE, at(100))

    assert answer.since["agent-legacy:hq/*>ah-02"] == at(60)
    assert answer.since["agent-legacy:hq/*>be-01"] is None


def test_an_attestation_stands_for_what_cannot_be_proven() -> None:
    silence = Silence(kind=SilencedBy.ATTESTATION, glob=CONSOLE_NEW, reason="seen", until=at(60))
    estate = started(SMALL, Phase.PREPARE, silences={"a": silence})
    tell(estate, {CONSOLE_OLD: HTTPS, LOCAL: HTTPS, CONSOLE_NEW: FILTERED})

    gate = estate.gate(Phase.PREPARE, at(1), done=True).gate

    assert (gate.state, gate.counts[Count.ATTESTED]) == (GateState.READY, 1)


def test_nothing_to_judge_is_refused() -> None:
    alone = SMALL.replace(", agent-handler", "").replace("roles: [console]", "roles: []")
    estate = started(alone.replace(', site: office, version: "2.6"', ""))

    with pytest.raises(UsageError, match=r"^nothing to judge: the plan asks for nothing in "):
        estate.gate(Phase.BASELINE, at(0))


def test_the_rules_of_the_settings_judge_agents() -> None:
    def count(rules: Rules) -> Count:
        estate = started(rules=rules)
        tell(estate, {HANDLER_OLD: CONNECTED, HANDLER_OLD.replace("pc-001", "pc-002"): FILTERED})
        gate = estate.gate(Phase.BASELINE, at(1)).gate
        blocking = [one for one in gate.blockers if one.id == "agent-legacy:hq/*>ah-02"]
        return blocking[0].count if blocking else Count.OK

    assert count(Rules()) is Count.BROKEN
    assert count(Rules(min_ok=0.5)) is Count.OK
    assert count(Rules(min_sources=3)) is Count.UNPROVEN


def test_a_confirmed_break_is_latched(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS})
    assert not latched(estate, CONSOLE, 1)

    tell(estate, {CONSOLE: FILTERED}, 15)
    assert not latched(estate, CONSOLE, 16)
    tell(estate, {CONSOLE: FILTERED}, 20)

    assert latched(estate, CONSOLE, 21)


def test_a_latch_holds_through_staleness_and_a_restart(estate: Estate) -> None:
    turn(estate, {CONSOLE: FILTERED})

    again = started(cells=estate.memory.cells)

    assert latched(estate, CONSOLE, 9999)
    assert latched(again, CONSOLE, 9999)


def test_a_fresh_observation_that_is_not_broken_ends_a_latch(estate: Estate) -> None:
    turn(estate, {CONSOLE: FILTERED})

    turn(estate, {CONSOLE: HTTPS}, 60)

    assert not latched(estate, CONSOLE, 66)


def test_a_probe_that_can_no_longer_measure_repairs_nothing(estate: Estate) -> None:
    turn(estate, {CONSOLE: FILTERED})

    turn(estate, {CONSOLE: FAULT}, 60)

    assert latched(estate, CONSOLE, 66)


def test_what_was_never_measured_or_asked_for_is_not_latched(estate: Estate) -> None:
    assert not latched(estate, CONSOLE, 0)
    tell(estate, {CONSOLE_NEW: REJECTED})
    assert not latched(estate, CONSOLE_NEW, 1, Phase.BASELINE)


def test_only_binding_paths_are_latched() -> None:
    estate = started(phase=Phase.COMPLETE)
    advised = "console-backend:con-01>be-02:tcp/8443"
    tell(estate, {CONSOLE_OLD: REJECTED, advised: REJECTED, CONSOLE_NEW: REJECTED})

    assert not latched(estate, CONSOLE_OLD, 1, Phase.COMPLETE)
    assert not latched(estate, advised, 1, Phase.COMPLETE)
    assert latched(estate, CONSOLE_NEW, 1, Phase.COMPLETE)


def test_a_pending_goal_is_not_latched_until_it_was_reached() -> None:
    estate = started(phase=Phase.PREPARE)
    tell(estate, {CONSOLE_NEW: REJECTED})
    assert not latched(estate, CONSOLE_NEW, 1, Phase.PREPARE)

    turn(estate, {CONSOLE_NEW: REFUSED}, 15)
    turn(estate, {CONSOLE_NEW: REJECTED}, 30)

    assert latched(estate, CONSOLE_NEW, 36, Phase.PREPARE)


def test_an_attestation_does_not_stand_for_a_path_that_is_broken() -> None:
    silence = Silence(kind=SilencedBy.ATTESTATION, glob="*", reason="seen", until=at(60))
    estate = started(silences={"a": silence})
    turn(estate, {CONSOLE: FILTERED})

    assert latched(estate, CONSOLE, 30)
    assert estate.gate(Phase.BASELINE, at(30)).gate.counts[Count.ATTESTED] == 0


@pytest.mark.parametrize("kind", [SilencedBy.WAIVER, SilencedBy.MAINTENANCE])
def test_a_silenced_path_is_not_latched(kind: SilencedBy) -> None:
    silence = Silence(kind=kind, glob=CONSOLE, reason="planned", until=at(60))
    estate = started(silences={"a": silence})
    turn(estate, {CONSOLE: FILTERED})

    assert not latched(estate, CONSOLE, 30)
    assert latched(estate, CONSOLE, 60)


def test_a_waiver_ends_with_its_last_day() -> None:
    estate = started(INVENTORY.replace("sql-dac:*", CONSOLE))
    turn(estate, {CONSOLE: FILTERED})

    assert not told_to_alerts(estate, CONSOLE, datetime(2026, 11, 30, 23, tzinfo=UTC))
    assert told_to_alerts(estate, CONSOLE, datetime(2026, 12, 1, tzinfo=UTC))


def test_what_falls_silent_with_all_the_rest_is_not_latched(estate: Estate) -> None:
    everything = {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS, WATCHED: HTTPS}
    tell(estate, everything)
    tell(estate, {CONSOLE_OLD.replace("con-01", "con-02"): HTTPS}, 20)

    turn(estate, {**dict.fromkeys(everything, FILTERED), WATCHED: HTTPS}, 15)

    assert not latched(estate, CONSOLE, 21)


def test_a_break_that_is_older_than_the_outage_stays_latched(estate: Estate) -> None:
    turn(estate, {CONSOLE: FILTERED, CONSOLE_OLD: HTTPS})
    neighbour = CONSOLE_OLD.replace("con-01", "con-02")
    tell(estate, {CONSOLE: FILTERED, CONSOLE_OLD: HTTPS, neighbour: HTTPS}, 600)

    turn(estate, {CONSOLE: FILTERED, CONSOLE_OLD: FILTERED}, 615)

    assert latched(estate, CONSOLE, 621)
    assert not latched(estate, CONSOLE_OLD, 621)


def test_a_denial_is_latched_only_with_its_control(estate: Estate) -> None:
    tell(estate, {CONSOLE_OLD: DENIED})
    assert not latched(estate, CONSOLE_OLD, 1)

    tell(estate, {CONSOLE_NEW: REFUSED}, 2)

    assert latched(estate, CONSOLE_OLD, 3)
    assert latched(estate, CONSOLE_OLD, 9999)


def test_agents_are_latched_one_by_one_where_somebody_asks(estate: Estate) -> None:
    turn(estate, {HANDLER_OLD: FILTERED})

    assert latched(estate, HANDLER_OLD, 10)
    assert not latched(estate, HANDLER, 10)


def test_a_local_permit_is_never_latched() -> None:
    estate = started(SMALL, Phase.PREPARE)
    local = "handler-backend:be-01>be-01:tcp/8443"
    path: Path = estate.plan.paths[local]
    assert (path.scope, path.expect[Phase.PREPARE]) == (Scope.LOCAL, Expectation.PERMIT)
    tell(estate, {local: REJECTED})

    assert estate.state.cell(path) is estate.memory.cells[check_key(path)]
    assert not latched(estate, local, 1, Phase.PREPARE)
