"""The poller against a collector that hands out whatever a test likes; time is the test's."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import pytest

from flows.messages import Assignment, Result, Run
from flows.outcomes import Outcome
from probe.collector_errors import CollectorError
from probe.limits import Limits
from probe.polling import POLLS_A_MINUTE, Poller, pause_after
from probe.schedule import Schedule
from tests.fakes.clock import FakeClock
from tests.fakes.collector import a_check, an_assignment

HOST = "con-01"


@dataclass
class Collector:
    """Hands out one assignment after the other, at once."""

    answers: deque[Assignment | CollectorError | None]
    asked: list[tuple[float, str | None]] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)
    is_exhausted: bool = False

    async def assignment(self, _host: str, revision: str | None) -> Assignment | None:
        self.asked.append((self.clock.now(), revision))
        if not self.answers:
            self.is_exhausted = True
            await asyncio.Event().wait()
        answer = self.answers.popleft()
        if isinstance(answer, CollectorError):
            raise answer
        return answer


@dataclass
class Reporter:
    """Keeps what is put."""

    results: list[Result] = field(default_factory=list)

    def put(self, results: Iterable[Result], *, news: bool) -> None:
        assert news
        self.results += results


@dataclass
class Polled:
    """What came of it all."""

    collector: Collector
    schedule: Schedule
    reporter: Reporter
    adoptions: list[None]


async def polled(
    *answers: Assignment | CollectorError | None, limits: Limits | None = None
) -> Polled:
    """Let a poller have these answers; time passes only when it waits."""
    limits = limits or Limits()
    collector = Collector(deque(answers))
    clock, reporter, schedule = collector.clock, Reporter(), Schedule(limits=limits)
    adoptions: list[None] = []
    poller = Poller(
        HOST,
        limits,
        collector,
        schedule,
        reporter,
        clock,
        lambda: 0.5,
        adopted=lambda: adoptions.append(None),
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(poller.run())
        while not collector.is_exhausted:
            await asyncio.sleep(0)
            if waits := clock.sleeping():
                clock.advance(waits[0])
        task.cancel()
    return Polled(collector, schedule, reporter, adoptions)


def flood(*identifiers: int, revision: str = "r1") -> Assignment:
    return an_assignment(*map(a_check, identifiers), revision=revision)


async def test_an_assignment_comes_into_force_within_the_limits() -> None:
    done = await polled(flood(1, 2, 3), None, limits=Limits(checks=2))

    assert done.schedule.revision == "r1"
    assert len(done.adoptions) == 1
    assert [revision for _, revision in done.collector.asked] == [None, "r1", "r1"]


async def test_what_is_left_out_is_reported_once_while_it_stays_so() -> None:
    limits = Limits(checks=1)

    done = await polled(
        flood(1, 2), flood(1, 2, revision="r2"), flood(1, 2, 3, revision="r3"), limits=limits
    )

    said = [(one.check, one.outcome, one.detail) for one in done.reporter.results]
    why = "not measured: limits.checks of probe.yaml is 1"
    assert said == [(2, Outcome.FAULT, why), (3, Outcome.FAULT, why)]


async def test_what_fits_again_and_then_does_not_is_reported_again() -> None:
    done = await polled(
        flood(1, 2), flood(1, revision="r2"), flood(1, 2, revision="r3"), limits=Limits(checks=1)
    )

    assert [one.check for one in done.reporter.results] == [2, 2]


async def test_a_run_hears_of_what_is_not_measured() -> None:
    run = msgspec.convert({"id": "a", "checks": [2], "expires": "2100-01-01T00:00:00Z"}, Run)
    asked = flood(1, 2)

    done = await polled(
        asked,
        msgspec.structs.replace(asked, revision="r2", runs=(run,)),
        limits=Limits(checks=1),
    )

    assert [(one.check, one.run) for one in done.reporter.results] == [(2, None), (2, "a")]


async def test_what_was_cut_back_is_logged_once_while_it_stays_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await polled(flood(1, 2), flood(1, 3, revision="r2"), limits=Limits(checks=1))

    warnings = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warnings == [
        "The assignment goes beyond the limits of this probe: 1 checks are not measured: only 1 are"
        " taken (limits.checks), and none that makes no sense."
    ]


async def test_after_a_failure_the_last_assignment_stays_in_force() -> None:
    done = await polled(flood(1), CollectorError("no"), None)

    assert done.schedule.revision == "r1"
    assert [revision for _, revision in done.collector.asked] == [None, "r1", "r1", "r1"]


async def test_a_collector_that_always_has_something_new_is_not_asked_all_the_time() -> None:
    changes = [flood(number, revision=f"r{number}") for number in range(3 * POLLS_A_MINUTE)]

    done = await polled(*changes)

    begun = [moment for moment, _ in done.collector.asked]
    busiest = max(sum(1 for one in begun if 0 <= one - since < 60) for since in begun)
    assert busiest == POLLS_A_MINUTE


def test_a_collector_that_holds_its_polls_is_asked_again_at_once() -> None:
    begins = [55.0 * number for number in range(POLLS_A_MINUTE)]

    assert pause_after(begins, begins[-1] + 55.0) == 0.0
