"""The one writer: decide, make durable, then apply, answer, and wake who waits.

Decisions are taken one after the other, and those that wait at the same time share one transaction
(group commit). Within a batch each is taken on what stood before the batch, so a batch holds one
report a host at most, and whatever changes more than its own host's cells stands alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from collector.bell import Bell
from collector.checks import Checks
from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.memory import Changes, Counts
from collector.news import News
from collector.self_metrics import SelfMetrics
from collector.store import StoreUnavailable
from collector.store.store import Store
from collector.store.writing import Taken
from flows.messages import Report

_log = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], datetime]
Order = Callable[[datetime], Awaitable[tuple[Changes, T]]]
"""Decides at a moment, or raises; what else it finds is the answer."""

MOST_IN_BATCH = 200
_TRUSTED = timedelta(seconds=5)
"""How long a write that succeeded speaks for the store."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What decisions change."""

    estate: Estate
    store: Store
    checks: Checks
    connects: ConnectTimes
    bell: Bell
    news: News
    run_news: News
    """Of runs: new ones, answers, and ends."""
    metrics: SelfMetrics


@dataclass(slots=True, eq=False)
class _Waiting:
    """Somebody who waits for a decision to be durable."""

    decide: Order[Any]
    done: asyncio.Future[Any]
    report: Report | None
    """None for what an operator orders."""

    @property
    def key(self) -> tuple[str, str] | None:
        return (self.report.host, self.report.stream) if self.report else None


class _Decided(NamedTuple):
    waiting: _Waiting
    changes: Changes
    answer: Any


class Ledger:
    """Takes reports and orders."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._is_closing = False
        self._is_failing = False
        self._trusted_until: datetime | None = None

    async def take(self, report: Report) -> None:
        """Take a report; a repeated one has no effect. When this returns it is durable.

        Raises StoreUnavailable when it is not.
        """

        async def decide(now: datetime) -> tuple[Changes, None]:
            return self._parts.estate.decide_report(report, now), None

        await self._enqueue(decide, report)

    async def order(self, decide: Order[T]) -> T:
        """Take an order; when this returns it is durable, and holds. Raises what `decide` does."""
        answer: T = await self._enqueue(decide, None)
        return answer

    async def check(self) -> None:
        """Make sure that the store can be written; raises StoreUnavailable."""
        now = self._clock()
        if self._trusted_until is not None and now < self._trusted_until:
            return
        try:
            await self._parts.store.check(now)
        except StoreUnavailable as error:
            self._note_failure(error)
            raise
        self._note_success(now)

    async def run(self) -> None:
        """Write until closed."""
        while self._queue or not self._is_closing:
            if self._queue:
                await self._write_next()
            else:
                self._wake.clear()
                await self._wake.wait()

    def close(self) -> None:
        """Let `run` end once everybody has an answer."""
        self._is_closing = True
        self._wake.set()

    def _enqueue(self, decide: Order[Any], report: Report | None) -> asyncio.Future[Any]:
        if self._is_closing:
            raise StoreUnavailable("the collector is stopping")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(decide, done, report))
        self._wake.set()
        return done

    async def _write_next(self) -> None:
        """Make one batch durable; what fails is told to those who wait for it."""
        batch = self._next()
        now = self._clock()
        try:
            decided = await self._decide(await self._new(batch), now)
            await self._persist(decided, now)
        except StoreUnavailable as error:
            self._note_failure(error)
            for waiting in batch:
                if waiting not in self._queue:
                    _refuse(waiting, error)

    def _next(self) -> list[_Waiting]:
        """Take what may be decided together: one order, or reports of different hosts."""
        batch = [self._queue.popleft()]
        hosts = {one.report.host for one in batch if one.report}
        while hosts and self._queue and len(batch) < MOST_IN_BATCH:
            report = self._queue[0].report
            if report is None or report.host in hosts:
                break
            hosts.add(report.host)
            batch.append(self._queue.popleft())
        return batch

    async def _new(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Acknowledge the reports that were taken before, and leave the others."""
        keys = [one.key for one in batch if one.key]
        last = await self._parts.store.last_seqs(keys) if keys else {}
        new: list[_Waiting] = []
        for one in batch:
            if one.key is not None and one.report and one.report.seq <= last.get(one.key, -1):
                self._parts.metrics.took(Counts())
                _answer(one, None)
            else:
                new.append(one)
        return new

    async def _decide(self, batch: Sequence[_Waiting], now: datetime) -> list[_Decided]:
        """Decide until something must stand alone; what is left waits again, in its place."""
        decided: list[_Decided] = []
        for index, waiting in enumerate(batch):
            try:
                changes, answer = await waiting.decide(now)
            except Exception as error:  # noqa: BLE001 - whoever waits for it handles it
                _refuse(waiting, error)
                continue
            if not _stands_alone(changes):
                decided.append(_Decided(waiting, changes, answer))
                continue
            left = index if decided else index + 1
            self._queue.extendleft(reversed(batch[left:]))
            return decided or [_Decided(waiting, changes, answer)]
        return decided

    async def _persist(self, decided: Sequence[_Decided], now: datetime) -> None:
        changes = [one.changes for one in decided if not one.changes.empty]
        reports = [one.waiting.report for one in decided if one.waiting.report]
        if changes or reports:
            with self._parts.metrics.writing():
                taken = [Taken(one.host, one.stream, one.seq, now) for one in reports]
                await self._parts.store.write(changes, taken)
            self._note_success(now)
        for one in decided:
            self._apply(one)
            _answer(one.waiting, one.answer)

    def _note_success(self, now: datetime) -> None:
        if self._is_failing:
            _log.warning("the store takes writes again")
        self._is_failing = False
        self._trusted_until = now + _TRUSTED

    def _note_failure(self, error: StoreUnavailable) -> None:
        """Tell the log once, however many are refused until it recovers."""
        if not self._is_failing:
            _log.error("%s; until it can, reports are refused and nothing is lost", error)
        self._is_failing = True
        self._trusted_until = None

    def _apply(self, decided: _Decided) -> None:
        report, changes = decided.waiting.report, decided.changes
        self._parts.estate.apply(changes)
        self._parts.checks.apply(changes)
        if changes.plan is not None:
            self._parts.bell.ring()
        if changes.events:
            self._parts.news.tell()
        if changes.runs or changes.answers:
            self._parts.run_news.tell()
        if report is None:
            return
        self._parts.metrics.took(changes.counts)
        for result in report.results if changes.counts.accepted else ():
            self._parts.connects.take(self._parts.checks.flows(result.check), result)
        if report.facts.os is not None:
            self._parts.bell.ring([report.host])


def _stands_alone(changes: Changes) -> bool:
    """Decide whether others of the same batch may have rested on what this changes."""
    return bool(changes.plan or changes.phase or changes.shown or changes.reached)


def _answer(waiting: _Waiting, answer: object) -> None:
    if not waiting.done.done():
        waiting.done.set_result(answer)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
