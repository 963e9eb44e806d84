"""What holds for every set of checks, whatever their times."""

import math
from collections import Counter, deque

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.outcomes import Observation, Outcome
from probe.limits import Limits
from probe.schedule import Due, Rhythm, Schedule, rhythm_of
from tests.fakes.clock import START
from tests.fakes.collector import a_check, an_assignment
from tests.fakes.walking import OPEN, scheduled, walk

REFUSED = Observation(outcome=Outcome.REFUSED)

unhurried = settings(deadline=None, max_examples=50)
"""For walks of many steps: on a busy machine one may take its time."""

CHECKS = st.builds(
    lambda interval, share: (interval, share * interval),
    st.floats(1, 300).map(lambda seconds: round(seconds, 3)),
    st.floats(0, 1, exclude_max=True),
)
PHASES = st.integers(0, 999).map(lambda thousandths: thousandths / 1000)


@unhurried
@given(st.lists(CHECKS, min_size=1, max_size=20), PHASES, st.floats(0, 1e6))
def test_each_check_is_measured_once_in_each_of_its_intervals(
    times: list[tuple[float, float]], phase: float, since: float
) -> None:
    checks = [
        a_check(number, interval=interval, offset=offset)
        for number, (interval, offset) in enumerate(times)
    ]
    begin = START + since
    schedule = scheduled(*checks, now=begin, phase=phase)

    taken: dict[int, list[float]] = {check.id: [] for check in checks}
    for now, dues in walk(schedule, begin, begin + 900):
        for due in dues:
            taken[due.check.id].append(now)

    for check in checks:
        rhythm = rhythm_of(check, phase)
        turns = [rhythm.last_turn(math.floor(now * 1000)) for now in taken[check.id]]
        assert turns == list(range(turns[0], turns[0] + len(turns)))
        assert len(turns) >= math.floor(900 / check.interval) - 1


@given(
    st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 999), st.integers(0, 2 * 10**12)
)
def test_the_last_turn_is_the_last_whose_tick_has_begun(
    interval: int, offset: int, phase: int, now: int
) -> None:
    rhythm = Rhythm(interval, offset, phase)

    turn = rhythm.last_turn(now)

    assert rhythm.tick(turn) <= now < rhythm.tick(turn + 1)


@given(CHECKS, PHASES, st.integers(1, 10**5))
def test_a_turn_never_drifts_from_its_due_time(
    times: tuple[float, float], phase: float, turn: int
) -> None:
    rhythm = rhythm_of(a_check(interval=times[0], offset=times[1]), phase)

    assert 0 <= rhythm.offset + turn * rhythm.interval - rhythm.tick(turn) < 1000


@unhurried
@given(st.integers(1, 100), st.sampled_from([5.0, 15.0, 60.0]), PHASES, st.floats(0, 1000))
def test_evenly_offset_checks_make_no_burst(
    count: int, interval: float, phase: float, since: float
) -> None:
    checks = [
        a_check(number, interval=interval, offset=number * interval / count)
        for number in range(count)
    ]
    begin = START + since
    schedule = scheduled(*checks, now=begin, phase=phase)

    in_flight_at_once = [len(dues) for _, dues in walk(schedule, begin, begin + 2 * interval)]

    assert max(in_flight_at_once) <= math.ceil(count / interval) + 1


@unhurried
@given(
    st.lists(CHECKS, min_size=1, max_size=40),
    st.integers(1, 5),
    st.integers(1, 5),
    st.lists(st.sampled_from([0.0, 0.3, 1.0, 7.0]), min_size=10, max_size=60),
)
def test_neither_a_second_nor_what_is_in_flight_ever_holds_more_than_its_limit(
    times: list[tuple[float, float]], per_second: int, in_flight: int, waits: list[float]
) -> None:
    checks = [
        a_check(number, interval=interval, offset=offset)
        for number, (interval, offset) in enumerate(times)
    ]
    schedule = Schedule(limits=Limits(per_second=per_second, in_flight=in_flight))
    schedule.adopt(an_assignment(*checks), START)

    now, running, begun = START, deque[Due](), Counter[int]()
    for turn, wait in enumerate(waits):
        now += wait
        if running and turn % 3:
            schedule.finish(running.popleft(), OPEN if turn % 2 else REFUSED, now)
        due = schedule.plan_next(now).due
        running.extend(due)
        begun[math.floor(round(now, 3))] += len(due)  # the schedule knows milliseconds
        assert len(running) <= in_flight

    assert max(begun.values()) <= per_second
