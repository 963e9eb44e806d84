"""Whatever the history of reports, the estate that comes of it obeys the same rules."""

import copy
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.estate import Estate
from collector.memory import Memory
from collector.timing import Timing
from flows.gates import Rules
from flows.outcomes import Observation
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    REFUSED,
    SYSLOG,
    WATCHED,
    at,
    id_of,
    report_of,
    reporting,
    started,
    tell,
)

PATHS = (CONSOLE, CONSOLE_OLD, CONSOLE_NEW, WATCHED, HANDLER, SYSLOG)
SEEN = (HTTPS, GRPC, REFUSED, FILTERED)
Told = tuple[str, Observation, int]
told = st.tuples(st.sampled_from(PATHS), st.sampled_from(SEEN), st.integers(0, 300))
histories = st.lists(told, max_size=25, unique_by=lambda one: (one[0], one[2])).map(
    lambda one: sorted(one, key=lambda result: result[2])
)
phases = st.sampled_from([Phase.PREPARE, Phase.BACKOFFICE, Phase.COMPLETE])


def lasting(memory: Memory) -> Memory:
    """Leave out when reports came, which is not what they said."""
    return msgspec.structs.replace(memory, probes={})


def fed(phase: Phase, history: list[Told], again: list[int] | None = None) -> Memory:
    """Tell a new estate a history; `again` repeats earlier results where each index says so."""
    estate = started(phase=phase)
    for count, (path, observation, seconds) in enumerate(history):
        tell(estate, {path: observation}, seconds)
        for index in again or ():
            old_path, old, earlier = history[index % (count + 1)]
            tell(estate, {old_path: old}, earlier, now=at(seconds))
    return lasting(estate.memory)


@settings(deadline=None, max_examples=60)
@given(phases, histories, st.lists(st.integers(0, 24), max_size=5))
def test_old_results_change_nothing_wherever_they_come_between(
    phase: Phase, history: list[Told], again: list[int]
) -> None:
    assert fed(phase, history, again) == fed(phase, history)


@settings(deadline=None, max_examples=60)
@given(phases, histories)
def test_a_spooled_batch_ends_as_its_results_would_have_one_by_one(
    phase: Phase, history: list[Told]
) -> None:
    mine = [one for one in history if one[0] in {CONSOLE, CONSOLE_OLD, CONSOLE_NEW, WATCHED}]
    estate = started(phase=phase)
    results = [(id_of(estate, path), seen, at(seconds)) for path, seen, seconds in mine]

    report = msgspec.structs.replace(reporting(estate, *results), sent=at(300))

    estate.apply(estate.decide_report(report, at(300)))

    one_by_one = fed(phase, mine)
    assert estate.memory.cells == one_by_one.cells
    assert estate.memory.breaks == one_by_one.breaks


@settings(deadline=None, max_examples=60)
@given(phases, histories, told)
def test_deciding_changes_nothing(phase: Phase, history: list[Told], last: Told) -> None:
    estate = started(phase=phase)
    for path, observation, seconds in history:
        tell(estate, {path: observation}, seconds)
    path, observation, seconds = last
    host = estate.plan.paths[path].src
    before = copy.deepcopy(estate.memory), [estate.matrix(one, at(300)) for one in Phase]

    estate.decide_report(report_of(estate, host, {path: observation}, at(seconds)), at(300))

    assert (estate.memory, [estate.matrix(one, at(300)) for one in Phase]) == before


@settings(deadline=None, max_examples=60)
@given(phases, histories)
def test_applying_twice_is_applying_once(phase: Phase, history: list[Told]) -> None:
    estate = started(phase=phase)
    twice = started(phase=phase)
    for path, observation, seconds in history:
        for changes in tell(estate, {path: observation}, seconds):
            twice.apply(changes)
            twice.apply(changes)

    assert twice.memory == estate.memory
    for one in Phase:
        assert twice.matrix(one, at(300)) == estate.matrix(one, at(300))


@settings(deadline=None, max_examples=60)
@given(phases, histories)
def test_verdicts_that_are_kept_are_those_that_a_restart_would_make(
    phase: Phase, history: list[Told]
) -> None:
    estate = started(phase=phase)
    for path, observation, seconds in history:
        tell(estate, {path: observation}, seconds)
        estate.matrix(phase, at(seconds))
    again = Estate(estate.memory, Timing(), Rules(), at(300))

    for now in (at(300), at(330), at(360), at(500)):
        assert estate.matrix(phase, now) == again.matrix(phase, now)


@settings(deadline=None, max_examples=60)
@given(histories)
def test_time_goes_on_in_every_cell(history: list[Told]) -> None:
    estate = started()
    seen = [at(-1)]
    for path, observation, seconds in history:
        tell(estate, {path: observation}, seconds)
        seen.append(max(cell.observed_at for cell in estate.memory.cells.values()))

    assert all(earlier <= later for earlier, later in pairwise(seen))
