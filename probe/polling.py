"""Keep the assignment up to date: ask, hold it within the limits, adopt it, say what was cut."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flows.messages import Assignment, Result
from flows.outcomes import Observation, Outcome
from probe.backoff import Backoff
from probe.bounds import Bounded, LeftOut, bounded
from probe.clock import Clock, pause
from probe.collector_errors import CollectorError
from probe.contact import Contact
from probe.limits import Limits
from probe.runner import result_of, whole_milliseconds
from probe.schedule import Schedule

SHORTEST_POLL_SECONDS = 1.0
"""Between the starts of two polls, whatever a collector answers."""
POLLS_A_MINUTE = 30
"""At most, where a collector answers each at once; one that holds them until something changes
needs two."""

log = logging.getLogger(__name__)


class GivesAssignments(Protocol):
    """The collector, as far as it concerns a poller."""

    async def assignment(self, host: str, revision: str | None) -> Assignment | None:
        """Ask what a host has to do; None while the revision is in force. Raises CollectorError."""
        ...


class TakesResults(Protocol):
    """The reporter, as far as it concerns a poller."""

    def put(self, results: Iterable[Result], *, news: bool) -> None:
        """Keep results for the next report."""
        ...


@dataclass(slots=True)
class Poller:
    """Asks the collector what to do."""

    host: str
    limits: Limits
    collector: GivesAssignments
    schedule: Schedule
    reporter: TakesResults
    clock: Clock
    random: Callable[[], float]
    adopted: Callable[[], None]
    """Called when another assignment is in force."""
    _told: frozenset[LeftOut] = frozenset()
    """What was left out of the assignment in force, and reported."""
    _said: tuple[str, ...] = ()
    """What was cut back of it, and logged."""
    _begins: deque[float] = field(default_factory=lambda: deque(maxlen=POLLS_A_MINUTE))

    async def run(self) -> None:
        """Ask for ever."""
        backoff = Backoff(self.random)
        contact = Contact(
            self.clock,
            "No assignment from the collector, the last one stays in force",
            "The collector gives assignments again",
        )
        while True:
            self._begins.append(self.clock.monotonic())
            try:
                await self._poll_once()
            except CollectorError as error:
                contact.failed(error)
                await pause(self.clock, backoff.after_failure(error.retry_after))
                continue
            contact.worked()
            backoff.after_success()
            await pause(self.clock, pause_after(self._begins, self.clock.monotonic()))

    async def _poll_once(self) -> None:
        asked = await self.collector.assignment(self.host, self.schedule.revision)
        if asked is None:
            return
        held = bounded(asked, self.limits)
        self.schedule.adopt(held.assignment, self.clock.now())
        log.info("Assignment %s: %d checks.", asked.revision, len(held.assignment.checks))
        self._say(held)
        self._tell(held)
        self.adopted()

    def _say(self, held: Bounded) -> None:
        """Log what was cut back, once while it stays so."""
        if held.said != self._said:
            for sentence in held.said:
                log.warning("The assignment goes beyond the limits of this probe: %s.", sentence)
        self._said = held.said

    def _tell(self, held: Bounded) -> None:
        """Report what is not measured, once while it stays so and for each run that names it."""
        at = whole_milliseconds(self.clock.now())
        results = tuple(
            result_of(Observation(outcome=Outcome.FAULT, detail=one.why), one.check, at, run)
            for one in held.left_out
            if one not in self._told
            for run in one.runs or (None,)
        )
        self._told = frozenset(held.left_out)
        if results:
            self.reporter.put(results, news=True)


def pause_after(begins: Sequence[float], now: float) -> float:
    """Tell how long to wait before the next poll; the latest POLLS_A_MINUTE began then."""
    next_one = begins[-1] + SHORTEST_POLL_SECONDS
    if len(begins) == POLLS_A_MINUTE:
        next_one = max(next_one, begins[0] + 60.0)
    return max(0.0, next_one - now)
