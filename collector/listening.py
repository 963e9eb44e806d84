"""Being there to hear probes: who falls silent meanwhile is told (DESIGN 7)."""

import asyncio
import logging
from datetime import datetime, timedelta

from collector.ledger import Clock, Ledger
from collector.memory import Changes
from collector.parts import Parts
from flows.errors import GatewatchError

_SLACK = timedelta(seconds=10)
"""By which a round may be late before the collector counts as having been away."""
_log = logging.getLogger(__name__)


class Attendance:
    """Since when a collector has been there to hear, without a gap."""

    def __init__(self, now: datetime, round_: timedelta) -> None:
        self._since = now
        self._last = now
        self._longest = round_ + _SLACK

    def at(self, now: datetime) -> datetime:
        """Note that it is there now; returns since when.

        A gap is a program or a machine that stood still, or a clock that was set.
        """
        if not timedelta() <= now - self._last <= self._longest:
            self._since = now
        self._last = now
        return self._since

    def interrupt(self, now: datetime) -> None:
        """Note that it could not take reports until now."""
        self._since = self._last = now


async def keep_listening(parts: Parts, ledger: Ledger, clock: Clock, seconds: float) -> None:
    """Tell of silences and returns until cancelled; looks so often."""
    attendance = Attendance(clock(), timedelta(seconds=seconds))

    async def unheard(now: datetime) -> tuple[Changes, None]:
        heard_from = attendance.at(now)
        return await asyncio.to_thread(parts.estate.decide_unheard, heard_from, now), None

    while True:
        await asyncio.sleep(seconds)
        try:
            await ledger.order(unheard)
        except GatewatchError as error:
            attendance.interrupt(clock())
            _log.debug("silent probes are looked for later: %s", error)
