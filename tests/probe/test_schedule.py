"""The schedule is pure, so its tests walk through hours in no time."""

import itertools
import math
from collections import Counter

import msgspec
import pytest

from flows.messages import Assignment, Run
from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.schedule import (
    AGAIN_SECONDS,
    CATCH_UP_SECONDS,
    Due,
    Schedule,
    face_of,
    same_target,
)
from tests.fakes.clock import START
from tests.fakes.collector import a_check, an_assignment
from tests.fakes.walking import OPEN, scheduled, walk

REFUSED = Observation(outcome=Outcome.REFUSED)
FOREVER = "2100-01-01T00:00:00Z"


def a_run(identifier: str, *checks: int) -> Run:
    return msgspec.convert({"id": identifier, "checks": checks, "expires": FOREVER}, Run)


def with_runs(assignment: Assignment, *runs: Run) -> Assignment:
    return msgspec.structs.replace(assignment, runs=runs)


def only(schedule: Schedule, now: float) -> Due:
    """Take the one check that is due."""
    (due,) = schedule.plan_next(now).due
    return due


def test_all_checks_of_a_second_share_one_wake_up() -> None:
    checks = [a_check(number, offset=3 + number / 10) for number in range(10)]
    schedule = scheduled(*checks)

    wakes = list(walk(schedule, START, START + 15))

    assert [now for now, _ in wakes] == [START + 3]
    assert len(wakes[0][1]) == 10


def test_the_phase_of_a_probe_shifts_its_ticks_within_the_second() -> None:
    schedule = scheduled(a_check(offset=3.3), phase=0.25)

    assert [now for now, _ in walk(schedule, START, START + 15)] == [START + 3.25]


def test_a_restarted_probe_measures_at_the_same_times() -> None:
    checks = [a_check(number, offset=number * 1.7) for number in range(8)]
    first = scheduled(*checks)
    second = scheduled(*checks, now=START + 47.3)

    before = {now: {due.check.id for due in dues} for now, dues in walk(first, START, START + 120)}
    after = dict(walk(second, START + 47.3, START + 120))

    assert {now: {due.check.id for due in dues} for now, dues in after.items()} == {
        now: checks for now, checks in before.items() if now > START + 47.3
    }


def test_a_new_check_waits_for_its_first_tick() -> None:
    schedule = scheduled(a_check(offset=4.0), now=START + 4.5)

    plan = schedule.plan_next(START + 4.5)

    assert (plan.due, plan.wake_at) == ((), START + 19)


def test_without_checks_there_is_nothing_to_wake_up_for() -> None:
    plan = Schedule().plan_next(START)

    assert (plan.due, plan.wake_at) == ((), None)


def test_a_check_that_still_runs_lets_its_turn_pass() -> None:
    schedule = scheduled(a_check())
    due = only(schedule, START)

    during = schedule.plan_next(START + 15)
    finish = schedule.finish(due, OPEN, START + 16)
    after = schedule.plan_next(START + 16)

    assert (during.due, during.wake_at) == ((), START + 30)
    assert finish.replan is False
    assert (after.due, after.wake_at) == ((), START + 30)


def test_a_turn_that_nobody_noticed_while_its_check_ran_has_passed() -> None:
    schedule = scheduled(a_check())
    due = only(schedule, START)

    schedule.finish(due, OPEN, START + 16)

    assert schedule.plan_next(START + 16).due == ()


def test_a_first_result_is_news_and_asks_for_no_confirmation() -> None:
    schedule = scheduled(a_check())

    finish = schedule.finish(only(schedule, START), OPEN, START + 1)

    assert (finish.news, finish.replan) == (True, False)
    assert schedule.plan_next(START + 1).due == ()


def test_the_same_result_again_is_no_news() -> None:
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)

    finish = schedule.finish(only(schedule, START + 15), OPEN, START + 15)

    assert (finish.news, finish.replan) == (False, False)


def changed() -> Schedule:
    """A schedule whose one check was open, and was just seen refused."""
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)
    finish = schedule.finish(only(schedule, START + 15), REFUSED, START + 15)
    assert (finish.news, finish.replan) == (True, True)
    return schedule


def test_a_changed_result_is_repeated_at_once_and_again_five_seconds_later() -> None:
    schedule = changed()

    first = schedule.plan_next(START + 15)
    finish = schedule.finish(first.due[0], REFUSED, START + 15.2)
    between = schedule.plan_next(START + 15.2)
    second = schedule.plan_next(START + 20)
    again = schedule.finish(second.due[0], REFUSED, START + 20)
    after = schedule.plan_next(START + 20)

    assert [due.repeat for due in first.due] == [True]
    assert (finish.news, finish.replan) == (True, True)  # by it a verdict turns
    assert (again.news, again.replan) == (False, False)
    assert (between.due, between.wake_at) == ((), START + 15 + AGAIN_SECONDS)
    assert [due.repeat for due in second.due] == [True]
    assert (after.due, after.wake_at) == ((), START + 30)


def test_repeats_ask_for_no_further_repeats_however_much_a_path_flaps() -> None:
    schedule = scheduled(a_check())
    outcomes = itertools.cycle([OPEN, REFUSED])
    measured, now = 0, START

    while now < START + 150:
        plan = schedule.plan_next(now)
        measured += len(plan.due)
        for due in plan.due:
            schedule.finish(due, next(outcomes), now)
        now = now if plan.due else (plan.wake_at or math.inf)

    assert measured == 3 * 10 - 2


def test_the_look_after_a_change_is_news_in_its_turn_too_and_where_it_says_otherwise() -> None:
    schedule = changed()
    repeat = only(schedule, START + 15)
    borne_out_not = schedule.finish(repeat, OPEN, START + 16)
    in_turn = schedule.finish(only(schedule, START + 30), OPEN, START + 30)

    assert (borne_out_not.news, in_turn.news) == (True, True)


def test_a_repeat_that_falls_due_with_its_turn_is_one_measurement() -> None:
    schedule = scheduled(a_check(interval=5.0))
    schedule.finish(only(schedule, START), OPEN, START)
    schedule.finish(only(schedule, START + 5), REFUSED, START + 5)
    schedule.finish(only(schedule, START + 5), REFUSED, START + 5)

    due = only(schedule, START + 10)

    assert due.repeat is False
    assert schedule.finish(due, REFUSED, START + 10).replan is False


def test_a_slow_repeat_is_followed_by_the_one_that_fell_due_meanwhile() -> None:
    schedule = changed()
    first = only(schedule, START + 15)

    assert schedule.plan_next(START + 20).due == ()
    assert schedule.finish(first, REFUSED, START + 20.5).replan is True
    assert only(schedule, START + 20.5).repeat is True


@pytest.mark.parametrize(
    ("other", "news"),
    [
        (REFUSED, True),
        (msgspec.structs.replace(OPEN, answered_by=AnsweredBy.GRPC), True),
        (msgspec.structs.replace(OPEN, sender="10.0.0.1"), True),
        (msgspec.structs.replace(OPEN, seconds=3.0, detail="slow", rtt_seconds=2.0), False),
        (msgspec.structs.replace(OPEN, late_seconds=3.0), False),
    ],
)
def test_outcome_answerer_and_sender_make_news_and_times_do_not(
    other: Observation, news: bool
) -> None:
    assert (face_of(OPEN) != face_of(other)) is news


def test_the_order_of_a_names_addresses_makes_no_news() -> None:
    one, other = (
        msgspec.structs.replace(seen, address=address)
        for seen, address in ((OPEN, "10.0.0.1"), (REFUSED, "10.0.0.2"))
    )
    rolled = msgspec.structs.replace(REFUSED, addresses=(one, other))
    turned = msgspec.structs.replace(REFUSED, addresses=(other, one))

    assert face_of(rolled) == face_of(turned) != face_of(REFUSED)


def test_a_run_is_due_now_and_once() -> None:
    schedule = scheduled(a_check(1, offset=9.0), a_check(2, offset=9.0))
    assignment = with_runs(
        an_assignment(a_check(1, offset=9.0), a_check(2, offset=9.0)), a_run("run-a", 2, 2, 99)
    )

    schedule.adopt(assignment, START + 1)
    due = only(schedule, START + 1)
    schedule.finish(due, OPEN, START + 1)
    schedule.adopt(assignment, START + 2)

    assert (due.check.id, due.runs, due.repeat) == (2, ("run-a",), False)
    assert schedule.plan_next(START + 2).due == ()


def test_a_run_waits_for_a_measurement_that_began_before_it() -> None:
    schedule = scheduled(a_check())
    before = only(schedule, START)
    schedule.adopt(with_runs(an_assignment(a_check()), a_run("run-a", 1)), START + 1)

    assert schedule.plan_next(START + 1).due == ()
    assert schedule.finish(before, OPEN, START + 2).replan is True
    assert only(schedule, START + 2).runs == ("run-a",)


def test_two_runs_share_a_measurement() -> None:
    schedule = scheduled(a_check(offset=9.0))
    runs = (a_run("run-a", 1), a_run("run-b", 1))

    schedule.adopt(with_runs(an_assignment(a_check(offset=9.0)), *runs), START + 1)

    assert only(schedule, START + 1).runs == ("run-a", "run-b")


def test_a_kept_check_keeps_what_it_reported_and_when_it_is_due() -> None:
    schedule = scheduled(a_check(1), a_check(2))
    for due in schedule.plan_next(START).due:
        schedule.finish(due, OPEN, START)

    schedule.adopt(an_assignment(a_check(1), a_check(3), revision="r2"), START + 10)
    dues = {due.check.id: due for due in schedule.plan_next(START + 15).due}
    news = {number: schedule.finish(due, OPEN, START + 15).news for number, due in dues.items()}

    assert schedule.revision == "r2"
    assert news == {1: False, 3: True}


def test_a_check_whose_times_change_keeps_what_it_reported() -> None:
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)

    schedule.adopt(an_assignment(a_check(interval=20.0, offset=4.0)), START + 2)

    assert schedule.plan_next(START + 2).wake_at == START + 4
    assert schedule.finish(only(schedule, START + 4), OPEN, START + 4).news is False


def test_a_check_of_another_target_begins_anew() -> None:
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)

    schedule.adopt(an_assignment(a_check(address="127.0.0.2")), START + 2)

    assert schedule.finish(only(schedule, START + 15), OPEN, START + 15).news is True


def test_the_end_of_a_check_that_was_taken_away_changes_nothing() -> None:
    schedule = scheduled(a_check())
    due = only(schedule, START)
    schedule.adopt(an_assignment(), START + 1)

    finish = schedule.finish(due, OPEN, START + 2)

    assert (finish.news, finish.replan) == (False, False)


def test_after_a_long_sleep_only_what_is_fresh_is_caught_up_with() -> None:
    checks = [a_check(number, interval=60.0, offset=float(number)) for number in range(60)]
    schedule = scheduled(*checks)
    schedule.plan_next(START)

    woken = START + 3600 + 30.5
    due = schedule.plan_next(woken).due

    assert {check.check.id for check in due} == {26, 27, 28, 29, 30}
    assert all(woken - check.at <= CATCH_UP_SECONDS for check in due)


def test_a_clock_that_is_set_back_does_not_stop_the_checks() -> None:
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)

    plan = schedule.plan_next(START - 7200 + 1)

    assert (plan.due, plan.wake_at) == ((), START - 7200 + 15)
    assert only(schedule, START - 7200 + 15).at == START - 7200 + 15


def test_a_clock_that_is_set_back_does_not_postpone_a_repeat() -> None:
    schedule = changed()
    schedule.finish(only(schedule, START + 15), REFUSED, START + 15)

    plan = schedule.plan_next(START - 7199)

    assert (plan.due, plan.wake_at) == ((), START - 7199 + AGAIN_SECONDS)
    assert only(schedule, START - 7199 + AGAIN_SECONDS).repeat is True


def test_a_corrected_clock_repeats_no_turn() -> None:
    schedule = scheduled(a_check())
    schedule.finish(only(schedule, START), OPEN, START)

    assert schedule.plan_next(START - 0.4).due == ()
    assert schedule.plan_next(START + 0.1).due == ()


def test_a_twice_listed_check_is_one_check() -> None:
    schedule = scheduled(a_check(), a_check())

    assert Counter(due.check.id for due in schedule.plan_next(START).due) == {1: 1}


def test_checks_with_other_times_have_the_same_target() -> None:
    assert same_target(a_check(), a_check(interval=60.0, deadline=1.0, offset=3.0))
    assert not same_target(a_check(), a_check(port=444))
