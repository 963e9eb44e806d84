"""What is due waits where a second, or what is in flight, is full."""

import msgspec

from flows.messages import Assignment, Check, Run
from flows.outcomes import Observation, Outcome
from probe.limits import Limits
from probe.schedule import Due, Schedule
from tests.fakes.clock import START
from tests.fakes.collector import a_check, an_assignment
from tests.fakes.walking import OPEN, walk

FOREVER = "2100-01-01T00:00:00Z"
REFUSED = Observation(outcome=Outcome.REFUSED)


def limited(limits: Limits, *checks: Check) -> Schedule:
    schedule = Schedule(limits=limits)
    schedule.adopt(an_assignment(*checks), START)
    return schedule


def seen_before(schedule: Schedule) -> None:
    """Let everything that is due be open."""
    for due in schedule.plan_next(START).due:
        schedule.finish(due, OPEN, START)


def with_run(assignment: Assignment, run: Run) -> Assignment:
    return msgspec.structs.replace(assignment, runs=(run,))


def only(schedule: Schedule, now: float) -> Due:
    """Take the one check that is due."""
    (due,) = schedule.plan_next(now).due
    return due


def test_what_a_second_has_no_room_for_begins_in_the_next_ones() -> None:
    schedule = limited(Limits(per_second=2), *(a_check(number) for number in range(5)))

    begun: dict[float, list[int]] = {}
    for now, dues in walk(schedule, START, START + 14):
        begun[now - START] = [due.check.id for due in dues]

    assert begun == {0: [0, 1], 1: [2, 3], 2: [4]}


def test_a_repeat_within_the_second_takes_no_room_that_is_not_there() -> None:
    schedule = limited(Limits(per_second=2), a_check(1), a_check(2))
    seen_before(schedule)
    first, second = schedule.plan_next(START + 15).due

    schedule.finish(first, REFUSED, START + 15.1)
    schedule.finish(second, OPEN, START + 15.1)
    plan = schedule.plan_next(START + 15.1)

    assert (plan.due, plan.wake_at) == ((), START + 16)
    assert only(schedule, START + 16).repeat


def test_no_more_checks_than_the_limit_are_in_flight() -> None:
    schedule = limited(Limits(in_flight=2), a_check(1), a_check(2), a_check(3))

    first, _ = schedule.plan_next(START).due
    held_back = schedule.plan_next(START + 1).due
    schedule.finish(first, OPEN, START + 1.5)
    late = only(schedule, START + 2)

    assert held_back == ()
    assert (late.check.id, late.at) == (3, START)


def test_a_check_waits_in_the_line_once_however_long_it_waits() -> None:
    schedule = limited(Limits(in_flight=1), a_check(1), a_check(2))
    first = only(schedule, START)

    assert [schedule.plan_next(START + 15 * turn).due for turn in range(1, 5)] == [()] * 4
    schedule.finish(first, OPEN, START + 61)
    second = only(schedule, START + 62)
    schedule.finish(second, OPEN, START + 62)

    assert second.check.id == 2
    assert schedule.plan_next(START + 63).due == ()


def test_what_waits_and_is_not_asked_for_any_more_leaves_the_line() -> None:
    schedule = limited(Limits(per_second=1), a_check(1), a_check(2), a_check(3))
    schedule.plan_next(START)

    schedule.adopt(an_assignment(a_check(2), a_check(4, offset=1.0)), START)

    begun = [due.check.id for _, dues in walk(schedule, START + 1, START + 5) for due in dues]
    assert begun == [2, 4]


def test_a_kept_check_keeps_its_place_in_the_line() -> None:
    schedule = limited(Limits(per_second=1), a_check(1), a_check(2))
    schedule.plan_next(START)

    schedule.adopt(an_assignment(a_check(1), a_check(2), revision="r2"), START)

    assert only(schedule, START + 1).check.id == 2


def test_a_run_outlives_the_times_of_the_check_that_it_waits_for() -> None:
    schedule = limited(Limits(per_second=1), a_check(1), a_check(2))
    run = msgspec.convert({"id": "run-a", "checks": [1, 2], "expires": FOREVER}, Run)
    asked = with_run(an_assignment(a_check(1), a_check(2)), run)
    schedule.adopt(asked, START)
    schedule.plan_next(START)

    changed = an_assignment(a_check(1), a_check(2, interval=20.0), revision="r2")
    schedule.adopt(with_run(changed, run), START)

    assert only(schedule, START + 1).runs == ("run-a",)
