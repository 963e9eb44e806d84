"""On-demand runs: asked for, looked at, cancelled."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer, answer_rows, encoded
from collector.api.asking import NoQuery, asked, body_of, who
from collector.api.problems import (
    TOO_MANY_RUNS,
    UNKNOWN_ID,
    UNKNOWN_PATH,
    ApiError,
    declining,
)
from collector.api.run_bodies import RunBody, RunOrder, run_body
from collector.estate import Estate
from collector.memory import Changes
from collector.parts import Parts
from collector.run_rows import lines_of, rows_of
from collector.runs import ID_BYTES, OnDemand, RunRow, TooManyRuns, run_id
from flows.errors import UsageError


async def runs(request: web.Request) -> web.Response:
    """List the runs, the newest first."""
    asked(request, NoQuery)
    estate, now = request.app[PARTS].estate, request.app[CLOCK]()
    return answer(await asyncio.to_thread(lambda: list(_every(estate, now))))


def _every(estate: Estate, now: datetime) -> Iterator[RunBody]:
    for name in reversed(estate.run_ids):
        with suppress(UsageError):  # it was forgotten meanwhile
            yield run_body(estate.run(name, now))


async def run(request: web.Request) -> web.StreamResponse:
    """Show one run, with a row for each path that was answered."""
    asked(request, NoQuery)
    parts, now = request.app[PARTS], request.app[CLOCK]()
    name = request.match_info["id"]
    with declining(UNKNOWN_ID):
        found, rows = await asyncio.to_thread(parts.estate.run_with_rows, name, now)
    head = encoded(run_body(found))[:-1] + b',"rows":['
    return await answer_rows(
        request, await _kept_rows(parts, name) if rows is None else rows, head, b"]}"
    )


async def _kept_rows(parts: Parts, name: str) -> Iterator[RunRow]:
    """Read the rows of a run that is over; none of one that still runs."""
    packed = await parts.store.run_rows(name)
    return rows_of(await asyncio.to_thread(lines_of, packed) if packed else [])


async def begin_run(request: web.Request) -> web.Response:
    """Have paths measured now; the same that is asked for twice is measured once."""
    order = await body_of(request, RunOrder, request.app[SETTINGS].limits.body)
    estate = request.app[PARTS].estate

    async def decide(now: datetime) -> tuple[Changes, OnDemand]:
        name = run_id(now, secrets.token_bytes(ID_BYTES))
        target = order.target(estate.phase)
        with declining(UNKNOWN_PATH):
            return await asyncio.to_thread(estate.decide_run, name, target, now, who(request))

    try:
        begun = await request.app[LEDGER].order(decide)
    except TooManyRuns as error:
        raise ApiError(TOO_MANY_RUNS, str(error), retry_after=error.seconds) from error
    shown = await asyncio.to_thread(estate.run, begun.id, request.app[CLOCK]())
    return answer(run_body(shown))


async def cancel_run(request: web.Request) -> web.Response:
    """Cancel a run; one that is over stays as it is."""
    estate, name = request.app[PARTS].estate, request.match_info["id"]

    async def decide(now: datetime) -> tuple[Changes, OnDemand]:
        with declining(UNKNOWN_ID):
            return await asyncio.to_thread(estate.decide_cancel, name, now, who(request))

    return answer(run_body(await request.app[LEDGER].order(decide)))
