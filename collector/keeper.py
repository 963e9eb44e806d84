"""What on-demand runs need as time goes by: telling probes when their turn comes, and ending."""

import asyncio
import logging
from datetime import datetime

from collector.ledger import Clock, Ledger
from collector.memory import Changes
from collector.parts import Parts
from flows.errors import GatewatchError

TICK_SECONDS = 1.0
"""How finely the probes of a large run are spread."""
IDLE_SECONDS = 60.0
_log = logging.getLogger(__name__)


async def keep_runs(parts: Parts, ledger: Ledger, clock: Clock) -> None:
    """Look after the runs until cancelled; a new one, and an answer, are looked after at once."""
    rung: dict[str, int] = {}
    while True:
        told = parts.run_news.told
        now = clock()
        _ring(parts, rung, now)
        try:
            if parts.estate.has_run_over(now):
                await ledger.order(lambda moment: _end(parts, moment))
                continue
        except GatewatchError as error:
            _log.debug("a run is ended later: %s", error)
            await asyncio.sleep(TICK_SECONDS)
            continue
        seconds = TICK_SECONDS if parts.estate.has_runs_open else IDLE_SECONDS
        await parts.run_news.wait(told, seconds)
        if parts.run_news.is_closed:
            return


async def _end(parts: Parts, now: datetime) -> tuple[Changes, None]:
    return await asyncio.to_thread(parts.estate.decide_run_end, now), None


def _ring(parts: Parts, rung: dict[str, int], now: datetime) -> None:
    """Wake the probes whose turn has come since they were woken last, by run."""
    for name, hosts in parts.estate.run_turns(now, rung):
        parts.bell.ring(hosts)
        _log.debug("run %s: %d hosts are told", name, len(hosts))
