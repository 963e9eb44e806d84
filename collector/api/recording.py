"""What a gate, or a missing right, refuses is an event; of floods as many as can be read."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from collector.api import CLOCK, LEDGER
from collector.api.identity import CALLER, session_of
from collector.api.problems import (
    FOREIGN_HOST,
    FORGED,
    GATE_NOT_READY,
    NO_RIGHT,
    NOT_LET_IN,
    NOTHING_TO_JUDGE,
    ApiError,
)
from collector.ledger import Clock, Ledger
from collector.memory import Changes, Event, EventKind
from collector.refusals import MINUTE, Act, Refusals, told
from collector.store import StoreUnavailable

REFUSALS = web.AppKey("refusals", Refusals)
_KINDS = {
    **dict.fromkeys((GATE_NOT_READY, NOTHING_TO_JUDGE), EventKind.PHASE),
    **dict.fromkeys((NO_RIGHT, NOT_LET_IN, FOREIGN_HOST, FORGED), EventKind.CREDENTIAL),
}
"""What is an event; a slip of the hand and a wrong token are counted by metrics alone."""
_log = logging.getLogger(__name__)


@web.middleware
async def as_recorded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Record what a caller is refused before it hears of it."""
    try:
        return await handler(request)
    except ApiError as error:
        if error.kind in _KINDS:
            await _record(request, error)
        raise


async def _record(request: web.Request, error: ApiError) -> None:
    act = _act(request, error)
    refusals = request.app[REFUSALS]
    event = refusals.note(act, request.app[CLOCK]())
    if event is not None:
        try:
            await _tell(request.app[LEDGER], (event,))
        except StoreUnavailable as unavailable:
            refusals.count(act)
            _log.debug("a refusal is recorded later: %s", unavailable)


def _act(request: web.Request, error: ApiError) -> Act:
    caller = request.get(CALLER)
    session = None if caller else session_of(request)
    by = caller.name if caller else session.name if session else None
    whence = "" if by else f" (from {request.remote})"
    return Act(
        kind=_KINDS[error.kind],
        subject=error.about or by or "somebody",
        problem=error.kind.slug,
        reason=f"{request.method} {request.path}: {error.detail}{whence}",
        by=by,
    )


async def keep_recording(refusals: Refusals, ledger: Ledger, clock: Clock) -> None:
    """Tell once a minute of what was counted, until cancelled."""
    while True:
        await asyncio.sleep(MINUTE.total_seconds())
        await record_counted(refusals, ledger, clock(), MINUTE)


async def record_counted(
    refusals: Refusals, ledger: Ledger, now: datetime, least: timedelta = timedelta()
) -> None:
    """Tell of what was counted for so long, at least."""
    counted = refusals.take(now, least)
    if counted:
        try:
            await _tell(ledger, [told(one, now) for one in counted])
        except StoreUnavailable as error:
            refusals.put_back(counted)
            _log.debug("refusals are recorded later: %s", error)


async def _tell(ledger: Ledger, events: Iterable[Event]) -> None:
    async def decide(_now: datetime) -> tuple[Changes, None]:
        return Changes(events=tuple(events)), None

    await ledger.order(decide)
