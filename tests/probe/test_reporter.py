import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from flows.messages import Accepted, Facts, ProbeState, Report, Result
from flows.outcomes import Outcome
from probe.collector_errors import CollectorError
from probe.reporter import FLUSH_SECONDS, Reporter, Sender
from probe.runner import whole_milliseconds
from probe.spool import BATCH_RESULTS, Spool
from tests.fakes.clock import START, FakeClock

NOW = whole_milliseconds(START)
DAY = 86400.0


def a_result(number: int, run: str | None = None, outcome: Outcome = Outcome.OPEN) -> Result:
    return Result(check=number, at=NOW, run=run, outcome=outcome)


class Collector:
    """Takes reports in this process; fails as it is told to."""

    def __init__(self) -> None:
        self.attempts: list[Report] = []
        self.failures: deque[CollectorError] = deque()
        self.wrong_seq = 0
        self._came = asyncio.Event()

    async def report(self, body: bytes) -> Accepted:
        report = msgspec.json.decode(body, type=Report)
        self.attempts.append(report)
        self._came.set()
        if self.failures:
            raise self.failures.popleft()
        return Accepted(report.seq + self.wrong_seq)

    async def until_attempts(self, count: int) -> None:
        while len(self.attempts) < count:
            self._came.clear()
            await self._came.wait()


class Bench:
    """A reporter with its surroundings."""

    def __init__(self, most_bytes: int = 1 << 20) -> None:
        self.clock = FakeClock()
        self.collector = Collector()
        self.spool = Spool(most_bytes, DAY, "stream-1")
        self.reported = 0
        self.state = ProbeState(version="0.1.0", loop_lag=0.25, late=3)
        sender = Sender("con-01", Facts(os="linux"), lambda: self.state)
        self.saved: list[tuple[int, int]] = []
        """How many attempts there had been, and what waited, at each save."""
        self._was_saved = asyncio.Event()
        self.reporter = Reporter(
            sender, self.spool, self.collector, self.clock, lambda: 0.5, self._count, self._save
        )

    async def _save(self) -> None:
        self.saved.append((len(self.collector.attempts), len(self.spool)))
        self._was_saved.set()

    async def until_saved(self, attempts: int, waiting: int) -> None:
        while (attempts, waiting) not in self.saved:
            self._was_saved.clear()
            await self._was_saved.wait()

    def _count(self) -> None:
        self.reported += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.reporter.run()),
                group.create_task(self.reporter.keep()),
            ]
            yield
            for task in tasks:
                task.cancel()

    def sent(self) -> list[list[int]]:
        """List the results of every attempt."""
        return [[result.check for result in report.results] for report in self.collector.attempts]


async def test_news_leaves_at_once() -> None:
    bench = Bench()

    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.collector.until_attempts(1)

    assert bench.sent() == [[1]]
    assert bench.reported == 1


async def test_what_somebody_asked_for_leaves_at_once() -> None:
    bench = Bench()

    async with bench.running():
        bench.reporter.put([a_result(1, run="run-a")], news=False)
        await bench.collector.until_attempts(1)

    assert bench.collector.attempts[0].results[0].run == "run-a"


async def test_what_says_nothing_new_waits_for_company() -> None:
    bench = Bench()

    async with bench.running():
        bench.reporter.put([a_result(1)], news=False)
        await bench.clock.until_sleeping(FLUSH_SECONDS)
        bench.clock.advance(FLUSH_SECONDS - 1)
        bench.reporter.put([a_result(2)], news=False)
        assert bench.sent() == []
        bench.clock.advance(1)
        await bench.collector.until_attempts(1)

    assert bench.sent() == [[1, 2]]


async def test_news_takes_along_what_was_waiting() -> None:
    bench = Bench()

    async with bench.running():
        bench.reporter.put([a_result(1)], news=False)
        await bench.clock.until_sleeping(FLUSH_SECONDS)
        bench.reporter.put([a_result(2)], news=True)
        await bench.collector.until_attempts(1)

    assert bench.sent() == [[1, 2]]


async def test_a_report_says_who_sends_it_when_and_how_the_probe_fares() -> None:
    bench = Bench()
    many = [a_result(number) for number in range(BATCH_RESULTS + 7)]

    async with bench.running():
        bench.reporter.put(many, news=True)
        await bench.collector.until_attempts(2)

    first, second = bench.collector.attempts
    assert (first.host, first.stream, first.seq, second.seq) == ("con-01", "stream-1", 1, 2)
    assert (first.sent, first.facts) == (NOW, Facts(os="linux"))
    assert first.probe == ProbeState(version="0.1.0", loop_lag=0.25, spooled=7, late=3)
    assert (second.probe.spooled, len(second.results)) == (0, 7)
    assert first.results == tuple(many[:BATCH_RESULTS])


async def test_a_batch_is_sent_under_the_same_number_until_it_is_acknowledged() -> None:
    bench = Bench()
    bench.collector.failures += [CollectorError("away")] * 3

    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.clock.until_sleeping(0.5)
        bench.reporter.put([a_result(2)], news=True)
        for wait in (0.5, 1.0, 2.0):
            await bench.clock.until_sleeping(wait)
            bench.clock.advance(wait)
        await bench.collector.until_attempts(5)

    assert bench.sent() == [[1], [1], [1], [1], [2]]
    assert [report.seq for report in bench.collector.attempts] == [1, 1, 1, 1, 2]


async def test_after_a_success_the_waits_begin_anew() -> None:
    bench = Bench()
    failure = CollectorError("away")

    async with bench.running():
        for number in (1, 2):
            bench.collector.failures += [failure, failure]
            bench.reporter.put([a_result(number)], news=True)
            for wait in (0.5, 1.0):
                await bench.clock.until_sleeping(wait)
                bench.clock.advance(wait)
            await bench.collector.until_attempts(3 * number)

    assert bench.clock.waits.count(0.5) == 2


async def test_a_collector_that_asks_for_a_later_attempt_gets_it() -> None:
    bench = Bench()
    bench.collector.failures.append(CollectorError("no room", 503, retry_after=7.0))

    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.clock.until_sleeping(7.5)
        bench.clock.advance(7.4)
        assert len(bench.sent()) == 1
        bench.clock.advance(0.2)
        await bench.collector.until_attempts(2)

    assert bench.sent() == [[1], [1]]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
async def test_what_is_refused_for_good_is_discarded(status: int) -> None:
    bench = Bench()
    bench.collector.failures.append(CollectorError("no", status))

    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.collector.until_attempts(1)
        bench.reporter.put([a_result(2)], news=True)
        await bench.collector.until_attempts(2)

    assert [
        (report.seq, sent)
        for report, sent in zip(bench.collector.attempts, bench.sent(), strict=True)
    ] == [(1, [1]), (2, [2])]
    assert bench.reported == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 502, 503, None])
async def test_what_may_be_taken_another_time_is_kept(status: int | None) -> None:
    bench = Bench()
    bench.collector.failures.append(CollectorError("later", status))

    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.clock.until_sleeping(0.5)

    assert len(bench.spool) == 1


async def test_a_discard_is_logged_once_with_the_collectors_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.collector.failures += [CollectorError("watch answered 403: unknown host", 403)] * 3

    for number in range(3):
        bench.reporter.put([a_result(number)], news=True)
        await bench.reporter.flush()

    assert [record.getMessage() for record in caplog.records] == [
        "1 results were refused and discarded: watch answered 403: unknown host"
    ]


async def test_the_acknowledgement_of_another_report_counts_for_nothing() -> None:
    bench = Bench()
    bench.collector.wrong_seq = 5
    bench.reporter.put([a_result(1)], news=True)

    await bench.reporter.flush()

    assert (len(bench.spool), bench.reported) == (1, 0)


async def test_an_outage_is_said_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench()
    bench.collector.failures += [CollectorError("watch is away")] * 3

    for number in range(4):
        bench.reporter.put([a_result(number)], news=True)
        await bench.reporter.flush()

    assert [record.getMessage() for record in caplog.records] == [
        "No report reaches the collector, results are kept and sent later: watch is away",
        "Reports reach the collector again after 0 s.",
    ]


async def test_a_full_spool_is_said_once_and_the_loss_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(most_bytes=200)

    for number in range(20):
        bench.reporter.put([a_result(number)], news=False)
    await bench.reporter.flush()

    full, lost = [record.getMessage() for record in caplog.records]
    assert full == "The spool is full: the oldest results that say nothing new are dropped."
    assert lost == f"{bench.spool.dropped} results were dropped, for want of room or for their age."


async def test_results_that_grew_too_old_are_said_too(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.reporter.put([a_result(1)], news=True)
    bench.clock.advance(DAY + 1)
    fresh = msgspec.structs.replace(a_result(2), at=whole_milliseconds(bench.clock.now()))
    bench.reporter.put([fresh], news=True)

    await bench.reporter.flush()

    assert bench.sent() == [[2]]
    assert [record.getMessage() for record in caplog.records] == [
        "1 results were dropped, for want of room or for their age."
    ]


async def test_last_words_are_all_said_and_end_with_the_first_failure() -> None:
    bench = Bench()
    bench.reporter.put([a_result(number) for number in range(3 * BATCH_RESULTS)], news=False)
    bench.collector.failures += [CollectorError("later")]

    await bench.reporter.flush()
    failed = len(bench.spool)
    await bench.reporter.flush()

    assert (failed, len(bench.spool)) == (3 * BATCH_RESULTS, 0)
    assert [report.seq for report in bench.collector.attempts] == [1, 1, 2, 3]


async def test_a_report_that_was_cut_off_is_repeated_under_its_number() -> None:
    bench = Bench()
    bench.collector.failures.append(CollectorError("away"))
    bench.reporter.put([a_result(1)], news=True)

    async with bench.running():
        await bench.clock.until_sleeping(0.5)
    await bench.reporter.flush()

    assert [report.seq for report in bench.collector.attempts] == [1, 1]


async def test_a_batch_is_on_the_disk_before_it_is_sent() -> None:
    bench = Bench()
    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.collector.until_attempts(1)

    assert bench.saved[0] == (0, 1)


async def test_what_cannot_be_sent_is_saved_all_the_same() -> None:
    bench = Bench()
    bench.collector.failures += [CollectorError("away")] * 100
    async with bench.running():
        bench.reporter.put([a_result(1)], news=True)
        await bench.collector.until_attempts(1)
        bench.reporter.put([a_result(2)], news=True)

        await bench.until_saved(1, 2)
