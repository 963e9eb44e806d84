import pytest

from collector.assignments import check_key
from collector.judge import Evidence, Judge
from collector.source import Source
from collector.state import State
from flows.cells import observe
from flows.outcomes import Observation
from flows.phases import Expectation, Phase
from flows.verdicts import Absence, Verdict
from tests.collector.samples import (
    CONNECTED,
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    DENIED,
    FILTERED,
    GRPC,
    HANDLER_OLD,
    HTTPS,
    INVENTORY,
    REFUSED,
    at,
    state_of,
)


def source_of(state: State, seen: dict[str, Observation]) -> Source:
    cells = {
        check_key(state.plan.paths[path]): observe(None, observation, at(0))
        for path, observation in seen.items()
    }
    return Source(state.plan.paths[next(iter(seen))].src, cells, state.assignments)


def judged(
    seen: dict[str, Observation], path: str, phase: Phase, *, text: str = INVENTORY
) -> Verdict:
    """Judge a path by what its source saw just now."""
    state = state_of(text)
    source = source_of(state, seen)
    known = state.plan.paths[path]
    evidence = Evidence.today(source, check_key(known), at(1), away=False)
    return Judge(state.assignments, phase).in_phase(known, phase, evidence).verdict


def test_a_path_is_judged_by_what_the_phase_expects_of_it() -> None:
    seen = {CONSOLE_NEW: REFUSED}

    assert judged(seen, CONSOLE_NEW, Phase.PREPARE) is Verdict.OK
    assert judged(seen, CONSOLE_NEW, Phase.COMPLETE) is Verdict.BROKEN


def test_a_denial_breaks_a_path_only_with_a_control() -> None:
    alone = {CONSOLE_OLD: DENIED}

    assert judged(alone, CONSOLE_OLD, Phase.BASELINE) is Verdict.UNPROVEN
    assert judged({**alone, CONSOLE_NEW: HTTPS}, CONSOLE_OLD, Phase.BASELINE) is Verdict.BROKEN


def test_a_closed_port_is_proven_only_with_a_control() -> None:
    new = HANDLER_OLD.replace("agent-legacy", "agent").replace("17000", "443")
    alone = {HANDLER_OLD: FILTERED}

    assert judged(alone, HANDLER_OLD, Phase.COMPLETE) is Verdict.UNPROVEN
    assert judged({**alone, new: GRPC}, HANDLER_OLD, Phase.COMPLETE) is Verdict.OK


def test_a_denied_address_of_a_name_asks_for_a_control_as_well() -> None:
    several = Observation(outcome=FILTERED.outcome, addresses=(HTTPS, DENIED))
    other = {"console-backend:con-01>be-02:tcp/8443": REFUSED}

    assert judged({CONSOLE: several}, CONSOLE, Phase.BASELINE) is Verdict.UNPROVEN
    assert judged({CONSOLE: several, **other}, CONSOLE, Phase.BASELINE) is Verdict.BROKEN


def test_the_old_service_on_a_shared_port_is_no_mismatch_before_the_upgrade() -> None:
    path = "agent:pc-001>be-01:tcp/443"

    assert judged({path: HTTPS}, path, Phase.PREPARE) is Verdict.OK
    assert judged({path: HTTPS}, path, Phase.COMPLETE) is Verdict.BROKEN


def test_a_claim_of_the_inventory_is_held_against_the_service() -> None:
    text = INVENTORY.replace("be-02: {", 'be-02: {identity: {https: {server: "Acme*"}}, ')
    right = Observation(outcome=HTTPS.outcome, answered_by=HTTPS.answered_by, server="Acme 1")
    wrong = Observation(outcome=HTTPS.outcome, answered_by=HTTPS.answered_by, server="nginx")

    assert judged({CONSOLE: right}, CONSOLE, Phase.BASELINE, text=text) is Verdict.OK
    assert judged({CONSOLE: wrong}, CONSOLE, Phase.BASELINE, text=text) is Verdict.BROKEN


def test_serving_is_judged_whatever_the_phase_asks() -> None:
    state = state_of(phase=Phase.PREPARE)
    path = state.plan.paths[CONSOLE_NEW]
    source = source_of(state, {CONSOLE_NEW: REFUSED})

    verdict = state.judge.as_serving(path, Evidence.lasting(source, check_key(path)))

    assert verdict.expectation is Expectation.SERVE
    assert verdict.verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("away", "seconds", "absence"),
    [(False, 1, None), (True, 1, Absence.AWAY), (False, 100, Absence.STALE)],
)
def test_evidence_of_today_may_be_absent(
    away: bool, seconds: float, absence: Absence | None
) -> None:
    state = state_of()
    source = source_of(state, {CONSOLE: CONNECTED})

    evidence = Evidence.today(source, key_of(state, CONSOLE), at(seconds), away=away)

    assert evidence.absence is absence


def test_lasting_evidence_is_never_too_old() -> None:
    state = state_of()
    source = source_of(state, {CONSOLE: FILTERED})

    evidence = Evidence.lasting(source, key_of(state, CONSOLE))

    assert evidence.observation is FILTERED
    assert evidence.absence is None
    assert Evidence.lasting(source, key_of(state, CONSOLE_OLD)).observation is None


def key_of(state: State, path: str) -> tuple[str, str, str, int]:
    return check_key(state.plan.paths[path])
