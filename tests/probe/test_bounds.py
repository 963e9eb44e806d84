"""What an absurd assignment comes to; every number that a collector can send is tried."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.messages import Assignment, Check, Run
from flows.outcomes import Service
from probe.bounds import LONGEST_INTERVAL, MOST_TOLD, bounded, misfit, unhurried, within_bounds
from probe.limits import Limits
from tests.fakes.clock import START
from tests.fakes.collector import a_check, an_assignment
from tests.fakes.walking import scheduled

LIMITS = Limits()
few = settings(deadline=None, max_examples=50)
"""Each example is an assignment of dozens of checks."""
ANY_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
ANY_LIMITS = st.builds(
    Limits,
    checks=st.integers(1, 20),
    interval=st.floats(1, 60),
    deadline=st.floats(0.1, 60),
    per_second=st.integers(1, 5),
    runs=st.integers(1, 3),
)
ANY_CHECK = st.builds(
    a_check,
    st.integers(-5, 40) | st.integers(),
    interval=ANY_NUMBER,
    deadline=ANY_NUMBER,
    offset=ANY_NUMBER,
    port=st.integers(1, 65535) | st.integers(),
    address=st.just("10.1.0.11") | st.text(),
)


def a_run(identifier: str, *checks: int) -> Run:
    expires = "2100-01-01T00:00:00Z"
    return msgspec.convert({"id": identifier, "checks": checks, "expires": expires}, Run)


ANY_RUN = st.builds(a_run, st.text(max_size=80), st.integers(-5, 40))
ANY_ASSIGNMENT = st.builds(
    lambda checks, runs: with_runs(an_assignment(*checks), *runs),
    st.lists(ANY_CHECK, max_size=60),
    st.lists(ANY_RUN, max_size=6),
)


def with_runs(assignment: Assignment, *runs: Run) -> Assignment:
    return msgspec.structs.replace(assignment, runs=runs)


def rate(checks: tuple[Check, ...]) -> float:
    return math.fsum(1 / check.interval for check in checks)


def test_a_sane_assignment_stays_as_it_is() -> None:
    checks = [a_check(number, interval=1.0, offset=number / 50) for number in range(50)]
    asked = with_runs(an_assignment(*checks), a_run("run-a", 1, 2))

    held = bounded(asked, LIMITS)

    assert (held.assignment, held.left_out, held.said) == (asked, (), ())


@few
@given(ANY_ASSIGNMENT, ANY_LIMITS)
def test_whatever_is_asked_for_what_is_done_is_within_the_limits(
    asked: Assignment, limits: Limits
) -> None:
    held = bounded(asked, limits)
    checks = held.assignment.checks

    assert len({check.id for check in checks}) <= limits.checks
    assert len(held.assignment.runs) <= limits.runs
    assert rate(checks) <= limits.per_second * (1 + 1e-6) or rate(checks) <= limits.checks / 1e4
    for check in checks:
        assert misfit(check) is None
        assert limits.interval <= check.interval <= LONGEST_INTERVAL
        assert 0.1 <= check.deadline <= limits.deadline
        assert 0 <= check.offset <= check.interval


@few
@given(ANY_ASSIGNMENT, ANY_LIMITS)
def test_each_check_is_either_measured_or_said_not_to_be(asked: Assignment, limits: Limits) -> None:
    held = bounded(asked, limits)

    measured = {check.id for check in held.assignment.checks}
    reported = {one.check for one in held.left_out}
    unspeakable = {check.id for check in asked.checks if not 0 <= check.id < 1 << 63}
    assert measured | reported | unspeakable == {check.id for check in asked.checks}
    assert not measured & reported
    assert bool(held.said) or not reported


@few
@given(ANY_ASSIGNMENT, ANY_LIMITS)
def test_what_was_held_within_the_limits_is_not_cut_again(
    asked: Assignment, limits: Limits
) -> None:
    once = bounded(asked, limits).assignment

    again = bounded(once, limits)

    assert [check.id for check in again.assignment.checks] == [check.id for check in once.checks]
    assert again.left_out == ()


@few
@given(st.lists(ANY_CHECK, max_size=30), ANY_LIMITS, st.randoms())
def test_the_order_of_an_assignment_does_not_say_what_is_left_out(
    checks: list[Check], limits: Limits, chance: Any
) -> None:
    shuffled = list(checks)
    chance.shuffle(shuffled)

    one, other = (bounded(an_assignment(*each), limits) for each in (checks, shuffled))

    assert {left.check for left in one.left_out} == {left.check for left in other.left_out}


@given(ANY_NUMBER, ANY_NUMBER)
def test_no_times_of_an_assignment_stop_the_schedule(interval: float, offset: float) -> None:
    held = bounded(an_assignment(a_check(interval=interval, offset=offset)), LIMITS)

    plan = scheduled(*held.assignment.checks).plan_next(START)

    assert plan.wake_at is not None
    assert START < plan.wake_at <= START + LONGEST_INTERVAL


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ({"interval": 0.0}, {"interval": 1.0}),
        ({"interval": -3.0}, {"interval": 1.0}),
        ({"interval": 1e300}, {"interval": 86400.0}),
        ({"deadline": 0.0}, {"deadline": 0.1}),
        ({"deadline": 1e300}, {"deadline": 60.0}),
        ({"offset": 31.5}, {"offset": 1.5}),
        ({"offset": -1.0}, {"offset": 14.0}),
    ],
)
def test_times_that_make_no_sense_are_held_within_bounds(
    sent: dict[str, float], held: dict[str, float]
) -> None:
    assert within_bounds(a_check(1, **sent), LIMITS) == a_check(1, **held)


def test_the_host_may_want_less_than_the_defaults() -> None:
    limits = Limits(interval=10.0, deadline=2.0)

    assert within_bounds(a_check(interval=5.0), limits) == a_check(interval=10.0, deadline=2.0)


def test_only_those_that_ask_for_the_most_are_slowed_down() -> None:
    greedy = [a_check(number, interval=1.0, offset=number / 100) for number in range(100)]
    modest = [a_check(number, interval=60.0, offset=7.0) for number in range(100, 160)]

    slowed = tuple(unhurried([*greedy, *modest], 50))

    assert slowed[100:] == tuple(modest)
    assert {check.interval for check in slowed[:100]} == {2.041}
    assert rate(slowed) == pytest.approx(50, abs=0.02)


def test_slowed_checks_are_spread_over_their_longer_interval() -> None:
    checks = [a_check(number, interval=1.0, offset=number / 100) for number in range(100)]

    slowed = list(unhurried(checks, 50))

    assert [check.offset for check in slowed] == pytest.approx([n / 50 for n in range(100)])


def test_what_is_left_out_says_why_to_the_collector_and_in_the_log() -> None:
    held = bounded(an_assignment(*map(a_check, (4, 3, 9, 1))), Limits(checks=2))

    assert [check.id for check in held.assignment.checks] == [3, 1]
    assert {one.check: one.why for one in held.left_out} == dict.fromkeys(
        (4, 9), "not measured: limits.checks of probe.yaml is 2"
    )
    assert held.said == (
        "2 checks are not measured: only 2 are taken (limits.checks), and none that makes no sense",
    )


@pytest.mark.parametrize(
    "nonsense",
    [
        {"address": ""},
        {"address": "a" * 256},
        {"address": "two\nlines"},
        {"name": "x" * 256},
        {"instance": "\0"},
        {"port": 0},
        {"port": 1 << 70},
        {"services": (Service.TCP,) * 17},
    ],
)
def test_what_makes_no_sense_is_left_out_and_said(nonsense: dict[str, object]) -> None:
    held = bounded(an_assignment(a_check(1), a_check(2, **nonsense)), LIMITS)

    assert [check.id for check in held.assignment.checks] == [1]
    assert [one.check for one in held.left_out] == [2]


@pytest.mark.parametrize("identifier", [-1, 1 << 63, 1 << 200])
def test_an_id_that_no_report_could_carry_is_only_logged(identifier: int) -> None:
    held = bounded(an_assignment(a_check(identifier, port=80)), LIMITS)

    assert (held.assignment.checks, held.left_out, len(held.said)) == ((), (), 1)


def test_a_run_hears_of_the_checks_that_are_left_out() -> None:
    asked = with_runs(an_assignment(a_check(1), a_check(2)), a_run("a", 1, 2), a_run("b", 1))

    (left,) = bounded(asked, Limits(checks=1)).left_out

    assert (left.check, left.runs) == (2, ("a",))


def test_runs_beyond_the_limit_are_not_followed() -> None:
    runs = [a_run("x" * 65, 1), *(a_run(f"run-{number}", 1) for number in range(5))]

    held = bounded(with_runs(an_assignment(a_check(1)), *runs), Limits(runs=2))

    assert [run.id for run in held.assignment.runs] == ["run-0", "run-1"]
    assert held.said == ("4 runs are not followed: only 2 are taken (limits.runs)",)


def test_every_way_to_cut_has_its_sentence() -> None:
    checks = [a_check(number, interval=0.001, deadline=3600.0) for number in range(120)]

    held = bounded(an_assignment(*checks), LIMITS)

    assert held.said == (
        "120 checks are measured every 1 s and not more often (limits.interval)",
        "120 checks have 60 s and not longer (limits.deadline)",
        "120 checks are measured less often than asked for, so that all together are 50 in a second"
        " (limits.per_second)",
    )


def test_what_is_reported_of_a_flood_is_bounded() -> None:
    checks = [a_check(number, port=80) for number in range(MOST_TOLD + 100)]

    held = bounded(an_assignment(*checks), Limits(checks=1))

    assert len(held.left_out) == MOST_TOLD
    assert held.said[0].startswith(f"{MOST_TOLD + 99} checks are not measured")
