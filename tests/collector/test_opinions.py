from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collector.opinions
from collector.assignments import check_key
from collector.judge import Evidence
from collector.opinions import Opining
from collector.state import State
from flows.cells import observe
from flows.outcomes import Observation
from flows.phases import Phase
from flows.plan import Path
from flows.verdicts import Verdict
from tests.collector.histories import CLAIMING, SEEN
from tests.collector.samples import CONSOLE, GRPC, HTTPS, REFUSED, at, state_of

sights = st.dictionaries(
    st.integers(0, 999),
    st.lists(st.tuples(st.sampled_from(SEEN), st.integers(0, 90)), min_size=1, max_size=3),
    max_size=12,
)
STATES = {phase: state_of(CLAIMING, phase) for phase in Phase}


def seeing(state: State, sights: dict[int, list[tuple[Observation, int]]]) -> None:
    """Let checks see this, each one after the other and so many seconds later."""
    paths = list(state.plan)
    state.cells = {}
    for number, seen in sights.items():
        key = check_key(paths[number % len(paths)])
        cell, moment = None, 0
        for observation, seconds in seen:
            moment += seconds + 1
            cell = observe(cell, observation, at(moment))
        assert cell is not None
        state.cells[key] = cell


def check_one(state: State, opining: Opining, path: Path, now: datetime, *, away: bool) -> None:
    source, key = state.source(path.src), check_key(path)
    opinions = opining.of(path, source, now, away=away)
    today, cell = Evidence.today(source, key, now, away=away), state.cells.get(key)
    lasting = Evidence.lasting(source, key)
    seen = cell.confirmed if cell else None

    assert set(opinions.phases) == set(path.expect)
    assert opinions.binding == {phase for phase in path.expect if path.binds(phase)}
    assert opinions.serving.about(path, seen) == state.judge.as_serving(path, today)
    for phase, opinion in opinions.phases.items():
        assert opinion.about(path, seen) == state.judge.in_phase(path, phase, today)
        last = state.judge.in_phase(path, phase, lasting).verdict
        assert (phase in opinions.lost) == (last is Verdict.BROKEN)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(Phase), sights, st.integers(0, 400), st.booleans())
def test_an_opinion_is_what_judging_the_path_by_itself_says(
    phase: Phase, sights: dict[int, list[tuple[Observation, int]]], seconds: int, away: bool
) -> None:
    state = STATES[phase]
    seeing(state, sights)
    opining = Opining(state.judge)

    for path in state.plan:
        check_one(state, opining, path, at(seconds), away=away)


def test_paths_that_look_alike_share_their_opinions() -> None:
    state = state_of()
    opining = Opining(state.judge)
    one, other = (
        opining.of(
            state.plan.paths[f"agent:{agent}>ah-02:tcp/443"], state.source(agent), at(0), away=False
        )
        for agent in ("pc-001", "pc-002")
    )

    assert one is other


def test_what_judging_does_not_look_at_forms_no_new_opinion() -> None:
    state = state_of()
    path, opining = state.plan.paths[CONSOLE], Opining(state.judge)
    quick = Observation(outcome=HTTPS.outcome, answered_by=HTTPS.answered_by, seconds=0.1)
    found = set()
    for seen in (HTTPS, quick, REFUSED, GRPC):
        state.cells = {check_key(path): observe(None, seen, at(0))}
        found.add(opining.of(path, state.source(path.src), at(1), away=False))

    assert len(found) == 3


def test_what_strangers_say_of_themselves_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector.opinions, "MOST_KEPT", 5)
    state = state_of(CLAIMING)
    path, opining = state.plan.paths[CONSOLE], Opining(state.judge)
    for number in range(20):
        seen = Observation(outcome=HTTPS.outcome, answered_by=HTTPS.answered_by, server=str(number))
        state.cells = {check_key(path): observe(None, seen, at(0))}
        opining.of(path, state.source(path.src), at(1), away=False)
        assert opining.kept <= 5
