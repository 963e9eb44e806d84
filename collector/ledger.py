"""The one writer: decide, make durable, then apply, answer, and wake who waits.

Decisions are taken one after the other. Those that wait at the same time, and those of reports that
have come but are unread, share one transaction (group commit). Within a batch each is taken on what
stood before the batch, so it holds one report a host at most, and whatever changes more than its
own host's cells stands alone. Where collectors share a store they take turns, and each first takes
in what the others wrote.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from collector.ahead import Ahead, prepare
from collector.memory import Changes, Counts, EventKind, Shown
from collector.others import Others
from collector.parts import Parts
from collector.slices import hear_out
from collector.store import StoreUnavailable
from collector.store.batch import Batch, Taken
from collector.store.turn import Turn
from flows.messages import Report

_log = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], datetime]
Order = Callable[[datetime], Awaitable[tuple[Changes, T]]]
"""Decides at a moment, or raises; what else it finds is the answer."""

MOST_IN_BATCH = 200
_TRUSTED = timedelta(seconds=5)
"""How long a write that succeeded speaks for the store."""


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


class _UnplannedError(Exception):
    """A report shows a version that changes the plan: it is made before the report is taken."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        super().__init__("the plan changes")
        self.shown = shown


class _Decided(NamedTuple):
    waiting: _Waiting
    changes: Changes
    answer: Any


class Ledger:
    """Takes reports and orders."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._others = Others(parts)
        self.ahead = Ahead(parts)
        """Plans what is ordered next."""
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self.idle = asyncio.Event()
        """Set while nobody waits for anything to be written."""
        self._is_closing = False
        self._is_behind = False
        self._is_failing = False
        self._trusted_until: datetime | None = None

    async def take(self, report: Report) -> None:
        """Take a report; a repeated one has no effect. When this returns it is durable.

        Raises StoreUnavailable when it is not.
        """
        try:
            await self._enqueue(partial(self._decide_report, report), report)
        except _UnplannedError as missing:
            shown = missing.shown
            async with self.ahead.planned(lambda state: state.in_force(shown=shown)):
                decide = partial(self._decide_report, report, is_planned=True)
                await self._enqueue(decide, report)

    async def _decide_report(
        self, report: Report, now: datetime, *, is_planned: bool = False
    ) -> tuple[Changes, None]:
        estate = self._parts.estate
        changes = estate.decide_report(report, now, replan=False)
        if estate.is_overturned(changes):
            if not is_planned:
                raise _UnplannedError(changes.shown)
            changes = await asyncio.to_thread(estate.replanned, changes)
        return changes, None

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
        """Write until closed, and look on while there is nothing to write."""
        while self._queue or not self._is_closing:
            if self._queue:
                await hear_out()  # who comes along costs less than who comes next
                await self._write_next()
            elif self._is_behind:
                await self._look_on()
            else:
                self._wake.clear()
                self.idle.set()
                await self._wake.wait()

    async def follow(self) -> None:
        """Hear of what other collectors write, until cancelled."""
        await self._parts.store.follow(self._hear)

    def _hear(self) -> None:
        self._is_behind = True
        self._begin()

    def close(self) -> None:
        """Let `run` end once everybody has an answer."""
        self._is_closing = True
        self._begin()

    def _begin(self) -> None:
        self.idle.clear()
        self._wake.set()

    def _enqueue(self, decide: Order[Any], report: Report | None) -> asyncio.Future[Any]:
        if self._is_closing:
            raise StoreUnavailable("the collector is stopping")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(decide, done, report))
        self._begin()
        return done

    async def _write_next(self) -> None:
        """Make one batch durable; what fails is told to those who wait for it."""
        batch = self._next()
        now = self._clock()
        try:
            async with self._parts.store.turn() as turn:
                if not await self._others.catch_up(turn):
                    await self._others.load_anew(turn, now)
                decided = await self._decide(self._new(batch), now)
                written = await self._persist(turn, decided, now)
            await prepare(self._parts.estate, [one.changes for one in decided])
        except StoreUnavailable as error:
            self._note_failure(error)
            for waiting in batch:
                if waiting not in self._queue:
                    _refuse(waiting, error)
            return
        self._let_hold(decided, written)

    async def _look_on(self) -> None:
        """Take in what others wrote, having nothing to write."""
        self._is_behind = False
        try:
            async with self._parts.store.looking_on() as turn:
                is_known = await self._others.catch_up(turn)
            if not is_known:
                async with self._parts.store.turn() as turn:
                    await self._others.load_anew(turn, self._clock())
        except StoreUnavailable as error:
            self._note_failure(error)

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

    def _new(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Acknowledge the reports that were taken before, and leave the others."""
        last = self._parts.store.last_seqs([one.key for one in batch if one.key])
        new: list[_Waiting] = []
        for one in batch:
            if one.key is not None and one.report and one.report.seq <= last.get(one.key, -1):
                self._parts.metrics.took([Counts()])
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

    async def _persist(self, turn: Turn, decided: Sequence[_Decided], now: datetime) -> Batch:
        """Make what was decided durable."""
        reports = [(one.waiting.report, one.changes) for one in decided if one.waiting.report]
        batch = Batch(
            changes=tuple(one.changes for one in decided if not one.changes.empty),
            taken=tuple(Taken(one.host, one.stream, one.seq, now) for one, _ in reports),
            connects=self._parts.spread(reports),
        )
        if not batch.empty:
            with self._parts.metrics.writing():
                await turn.write(batch, self._parts.sources(batch), now)
            self._note_success(now)
        return batch

    def _let_hold(self, decided: Sequence[_Decided], written: Batch) -> None:
        """Apply what is durable, and answer those who waited for it."""
        self._parts.connects.apply(written.connects)
        counted = [one.changes.counts for one in decided if one.waiting.report is not None]
        self._parts.metrics.took(counted)
        for waiting, changes, answer in decided:
            self._parts.apply(changes)
            _answer(waiting, answer)

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


def _stands_alone(changes: Changes) -> bool:
    """Decide whether others of the same batch may have rested on what this changes.

    More evidence of a version that is known is nothing that anybody rests on.
    """
    overturns = bool(changes.shown) and any(
        event.kind is EventKind.VERSION for event in changes.events
    )
    return bool(changes.plan or changes.phase or changes.reached or overturns)


def _answer(waiting: _Waiting, answer: object) -> None:
    if not waiting.done.done():
        waiting.done.set_result(answer)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
