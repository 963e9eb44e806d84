import asyncio
import logging
import tracemalloc
from collections import Counter
from datetime import UTC, datetime

import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.runner import LATE_SECONDS, REMEMBERED, LagMeter, Runner, whole_milliseconds
from probe.schedule import Due
from tests.fakes.clock import START, FakeClock
from tests.fakes.collector import a_check

OPEN = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, sender="10.0.0.1")


async def see_open(_: Check) -> Observation:
    return OPEN


async def test_a_result_says_of_which_check_it_is_and_when_it_began() -> None:
    clock = FakeClock(START + 0.12399)

    async def measure(_: Check) -> Observation:
        clock.advance(3.0)
        return OPEN

    observation, (result,) = await Runner(measure, clock).run(Due(a_check(7), at=START))

    assert observation == OPEN
    assert (result.check, result.run, result.late_seconds) == (7, None, 0.0)
    assert (result.outcome, result.answered_by, result.sender) == (
        Outcome.OPEN,
        AnsweredBy.HTTPS,
        "10.0.0.1",
    )
    assert result.at == datetime.fromtimestamp(START, UTC).replace(microsecond=123000)


async def test_measurements_within_the_same_millisecond_are_told_apart() -> None:
    clock = FakeClock()
    runner = Runner(see_open, clock)

    times: list[datetime] = []
    for wait in (0.0, 0.0002, 0.0002, 15.0, -3600.0):
        clock.advance(wait)
        _, (result,) = await runner.run(Due(a_check(), at=clock.now()))
        times.append(result.at)

    first = whole_milliseconds(START)
    assert [(at - first).total_seconds() for at in times] == [0, 0.001, 0.002, 15, -3585]


async def test_each_run_that_asked_has_its_result() -> None:
    due = Due(a_check(), at=START, runs=("run-a", "run-b"))

    _, results = await Runner(see_open, FakeClock()).run(due)

    assert [result.run for result in results] == ["run-a", "run-b"]


async def test_a_late_start_says_so_and_is_counted() -> None:
    runner = Runner(see_open, FakeClock(START + 2.5))

    observation, (result,) = await runner.run(Due(a_check(), at=START))

    assert (observation.late_seconds, result.late_seconds, runner.late) == (2.5, 2.5, 1)


async def test_a_start_within_the_same_second_is_not_late() -> None:
    runner = Runner(see_open, FakeClock(START + LATE_SECONDS / 2))

    observation, _ = await runner.run(Due(a_check(), at=START))

    assert (observation.late_seconds, runner.late) == (0.0, 0)


async def test_it_is_busy_while_checks_are_in_flight() -> None:
    busy: list[bool] = []

    async def measure(_: Check) -> Observation:
        busy.append(runner.busy.is_set())
        return OPEN

    runner = Runner(measure, FakeClock())
    await runner.run(Due(a_check(), at=START))

    assert (busy, runner.busy.is_set()) == ([True], False)


async def test_a_check_that_fails_inside_the_probe_is_a_fault_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def measure(_: Check) -> Observation:
        raise KeyError("broken")

    runner = Runner(measure, FakeClock())
    observations = [(await runner.run(Due(a_check(), at=START)))[0] for _ in range(3)]

    assert Counter(seen.outcome for seen in observations) == {Outcome.FAULT: 3}
    assert observations[0].detail == "the check failed inside the probe: KeyError: 'broken'"
    assert [record.getMessage() for record in caplog.records] == [
        "Check 1 of 127.0.0.1 port 1001 failed"
    ]
    assert caplog.records[0].levelno == logging.ERROR


async def test_what_is_remembered_of_checks_that_come_and_go_is_bounded() -> None:
    clock = FakeClock()
    runner = Runner(see_open, clock)

    tracemalloc.start()
    try:
        for number in range(REMEMBERED):
            await runner.run(Due(a_check(number), at=START))
        before, _ = tracemalloc.get_traced_memory()
        for number in range(REMEMBERED, 3 * REMEMBERED):
            await runner.run(Due(a_check(number), at=START))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert after - before < 100 * REMEMBERED


async def test_a_cancelled_check_leaves_its_place() -> None:
    started = asyncio.Event()

    async def measure(_: Check) -> Observation:
        started.set()
        await asyncio.Event().wait()
        return OPEN

    runner = Runner(measure, FakeClock())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(runner.run(Due(a_check(), at=START)))
        await started.wait()
        task.cancel()

    assert not runner.busy.is_set()


@pytest.mark.parametrize(
    ("moment", "microsecond"), [(START, 0), (START + 0.0009, 0), (START + 0.9999, 999000)]
)
def test_times_are_cut_to_milliseconds(moment: float, microsecond: int) -> None:
    at = whole_milliseconds(moment)

    assert (at.timestamp() // 1, at.microsecond, at.tzinfo) == (START, microsecond, UTC)


def test_the_meter_keeps_the_worst_reading_until_it_is_reset() -> None:
    meter = LagMeter()
    for seconds in (0.001, 0.02, -0.003):
        meter.note(seconds)

    worst = meter.worst
    meter.reset()

    assert (worst, meter.worst) == (0.02, 0.0)
