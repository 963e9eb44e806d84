"""Bring results to the collector: in batches, in order, each until it is acknowledged.

A batch keeps its number until the collector holds it durably, so that a repeated one counts once.
What the collector refuses for good (DESIGN 6: any 4xx but 401, 408 and 429) is discarded, for else
it would hold up all that follows.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from flows.messages import Accepted, Facts, ProbeState, Report, Result, to_json
from probe.backoff import Backoff
from probe.clock import Clock, pause
from probe.collector_errors import CollectorError
from probe.contact import Contact
from probe.runner import whole_milliseconds
from probe.spool import Batch, Spool

FLUSH_SECONDS = 5.0
"""How long a result that says nothing new waits for company."""

log = logging.getLogger(__name__)


class TakesReports(Protocol):
    """The collector, as far as it concerns a reporter."""

    async def report(self, body: bytes) -> Accepted:
        """Hand over a report; raises CollectorError."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports."""

    host: str
    facts: Facts
    state: Callable[[], ProbeState]
    """How the probe fares; called for each report."""


@dataclass(slots=True)
class Reporter:
    """Sends what is put in the spool, at once where it is news."""

    sender: Sender
    spool: Spool
    collector: TakesReports
    clock: Clock
    random: Callable[[], float]
    reported: Callable[[], None]
    """Called when a report was acknowledged."""
    save: Callable[[], Awaitable[None]]
    """Has all that happened to the spool on the disk."""
    _to_save: asyncio.Event = field(default_factory=asyncio.Event)
    _save_now: asyncio.Event = field(default_factory=asyncio.Event)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _urgent: asyncio.Event = field(default_factory=asyncio.Event)
    _contact: Contact = field(init=False)
    _complaint: str = ""
    """Why the collector refused the last batch that was discarded."""
    _dropping: bool = False
    """That the spool is full was said."""
    _told: int = 0
    """Dropped results that the log knows of."""

    def __post_init__(self) -> None:
        self._contact = Contact(
            self.clock,
            "No report reaches the collector, results are kept and sent later",
            "Reports reach the collector again",
        )

    def put(self, results: Iterable[Result], *, news: bool) -> None:
        """Keep results for the next report; news and what was asked for make it leave at once."""
        results = tuple(results)
        dropped = self.spool.dropped
        self.spool.put(results, news=news)
        if self.spool.dropped > dropped and not self._dropping:
            self._dropping = True
            log.warning("The spool is full: the oldest results that say nothing new are dropped.")
        self._filled.set()
        self._to_save.set()
        if news or any(result.run is not None for result in results):
            self._urgent.set()
            self._save_now.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self.clock.wait(self._filled, None)
            await self.clock.wait(self._urgent, FLUSH_SECONDS)
            self._filled.clear()
            self._urgent.clear()
            while (batch := self.spool.batch(self._now())) is not None:
                await self._deliver(batch)

    async def keep(self) -> None:
        """Save for ever: news at once, and what says nothing new together with its like."""
        while True:
            await self.clock.wait(self._to_save, None)
            await self.clock.wait(self._save_now, FLUSH_SECONDS)
            self._to_save.clear()
            self._save_now.clear()
            await self.save()

    async def flush(self) -> None:
        """Send what there is; the first failure ends it."""
        while (batch := self.spool.batch(self._now())) is not None:
            await self.save()
            if await self._attempt(batch) is not None:
                return

    async def _deliver(self, batch: Batch) -> None:
        await self.save()  # what was once sent under a number must stay it, whatever happens
        backoff = Backoff(self.random)
        while (error := await self._attempt(batch)) is not None:
            await pause(self.clock, backoff.after_failure(error.retry_after))

    async def _attempt(self, batch: Batch) -> CollectorError | None:
        """Send a batch once; None when it is settled, one way or the other."""
        try:
            accepted = await self.collector.report(self._body(batch))
            if accepted.seq != batch.seq:
                text = f"the collector acknowledged report {accepted.seq} instead of {batch.seq}"
                raise CollectorError(text)  # noqa: TRY301 - it is handled as its other failures are
        except CollectorError as error:
            if not error.is_final:
                self._contact.failed(error)
                return error
            self._discard(batch, error)
        else:
            self._acknowledged()
        self._contact.worked()
        self.spool.settle(batch)
        return None

    def _acknowledged(self) -> None:
        self.reported()
        self._complaint = ""
        self._dropping = False
        if self.spool.dropped != self._told:
            lost = self.spool.dropped - self._told
            self._told = self.spool.dropped
            log.warning("%d results were dropped, for want of room or for their age.", lost)

    def _discard(self, batch: Batch, error: CollectorError) -> None:
        if str(error) != self._complaint:
            self._complaint = str(error)
            log.error("%d results were refused and discarded: %s", len(batch.results), error)

    def _body(self, batch: Batch) -> bytes:
        state = self.sender.state()
        waiting = len(self.spool) - len(batch.results)
        report = Report(
            host=self.sender.host,
            stream=batch.stream,
            seq=batch.seq,
            sent=self._now(),
            probe=msgspec.structs.replace(state, spooled=waiting, dropped=self.spool.dropped),
            facts=self.sender.facts,
        )
        return with_results(report, batch.results)

    def _now(self) -> datetime:
        return whole_milliseconds(self.clock.now())


def with_results(report: Report, results: Iterable[bytes]) -> bytes:
    """Write a report with results that are JSON already."""
    body = {name: getattr(report, name) for name in report.__struct_fields__}
    return to_json(body | {"results": tuple(map(msgspec.Raw, results))})
