"""Measure what is due: the time of each result, and how late it all was."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import msgspec

from flows.messages import Check, Result
from flows.outcomes import Observation, Outcome
from probe.clock import Clock
from probe.complaints import Complaints
from probe.schedule import Due

Measure = Callable[[Check], Awaitable[Observation]]
"""Measures one check; what goes wrong is an observation, never an exception."""

LATE_SECONDS = 1.0
"""A check that begins later than this after its due time says so."""

MILLISECOND = timedelta(milliseconds=1)
AN_INSTANT = timedelta(milliseconds=100)
"""A clock that goes back by more was set; by less, measurements only follow close on each other."""
REMEMBERED = 1024
"""Checks whose last measurement is known: more than begin within an instant."""

log = logging.getLogger(__name__)


class LagMeter:
    """How late the event loop was at worst since the last reset."""

    def __init__(self) -> None:
        self.worst = 0.0

    def note(self, seconds: float) -> None:
        """Take one reading."""
        self.worst = max(self.worst, seconds)

    def reset(self) -> None:
        """Begin anew."""
        self.worst = 0.0


class Runner:
    """Measures checks; the schedule says how many at a time."""

    def __init__(self, measure: Measure, clock: Clock) -> None:
        self.late = 0
        """Checks that began late since the start."""
        self.busy = asyncio.Event()
        """Set while checks are in flight."""
        self._measure = measure
        self._clock = clock
        self._in_flight = 0
        self._complaints = Complaints()
        self._latest: dict[int, datetime] = {}

    async def run(self, due: Due) -> tuple[Observation, tuple[Result, ...]]:
        """Measure one check; a result for each run that asked for it, or the one of its turn."""
        self._in_flight += 1
        self.busy.set()
        try:
            began = self._clock.now()
            observation = self._stamped(due, began, await self._observe(due.check))
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self.busy.clear()
        at = self._later_than_before(due.check.id, whole_milliseconds(began))
        return observation, tuple(
            result_of(observation, due.check.id, at, run) for run in due.runs or (None,)
        )

    def _later_than_before(self, check: int, at: datetime) -> datetime:
        """Keep two measurements of a check apart that began within the same millisecond.

        The collector takes what is not newer than what it has for a repetition.
        """
        before = self._latest.pop(check, None)
        if before is not None and before - AN_INSTANT < at <= before:
            at = before + MILLISECOND
        self._latest[check] = at
        if len(self._latest) > REMEMBERED:
            del self._latest[next(iter(self._latest))]
        return at

    def _stamped(self, due: Due, began: float, observation: Observation) -> Observation:
        late = began - due.at
        if late < LATE_SECONDS:
            return observation
        self.late += 1
        return msgspec.structs.replace(observation, late_seconds=round(late, 3))

    async def _observe(self, check: Check) -> Observation:
        try:
            return await self._measure(check)
        except Exception as error:  # a fault in one check must not end the others
            if self._complaints.is_new(error):
                log.exception("Check %d of %s port %d failed", check.id, check.address, check.port)
            detail = f"the check failed inside the probe: {type(error).__name__}: {error}"
            return Observation(outcome=Outcome.FAULT, detail=detail)


def whole_milliseconds(moment: float) -> datetime:
    """Turn seconds since 1970 into UTC, as bodies carry it."""
    milliseconds = math.floor(moment * 1000 + 0.001)  # floating point may lie a hair before it
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
        microsecond=milliseconds % 1000 * 1000
    )


def result_of(observation: Observation, check: int, at: datetime, run: str | None) -> Result:
    """Say of which check an observation is."""
    seen = {name: getattr(observation, name) for name in Observation.__struct_fields__}
    return Result(check=check, at=at, run=run, **seen)
