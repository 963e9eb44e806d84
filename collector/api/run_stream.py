"""How far a run is, as server-sent events, until it is over."""

import asyncio

from aiohttp import web

from collector.api import PARTS
from collector.api.answering import encoded
from collector.api.asking import NoQuery, asked
from collector.api.problems import TOO_MANY_STREAMS, UNKNOWN_ID, ApiError, declining
from collector.api.run_bodies import run_progress
from collector.api.stream import (
    HEADERS,
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    MOST_STREAMS,
    RETRY,
    until_it_ends,
    write,
)
from collector.parts import Parts
from collector.runs import OnDemand, RunState
from flows.errors import UsageError

PAUSE_SECONDS = 0.2
"""Between two events: nobody sees more."""


async def run_events(request: web.Request) -> web.StreamResponse:
    """Tell how far a run is, each time that it is further, until it is over."""
    asked(request, NoQuery)
    parts, name = request.app[PARTS], request.match_info["id"]
    if parts.run_news.following >= MOST_STREAMS:
        raise ApiError(TOO_MANY_STREAMS, f"{MOST_STREAMS} readers follow already: ask again later")
    with declining(UNKNOWN_ID):
        parts.estate.run_progress(name)
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    with parts.run_news.follower(), parts.metrics.event_streams.track_inprogress():
        await until_it_ends(request, _follow(parts, response, name))
    return response


async def _follow(parts: Parts, response: web.StreamResponse, name: str) -> None:
    await write(response, RETRY)
    told: OnDemand | None = None
    while not parts.run_news.is_closed:
        number = parts.run_news.told
        found = _found(parts, name)
        if found is None:
            return
        if found != told:
            await write(response, b"data: %s\n\n" % encoded(run_progress(found)))
            told = found
        if found.state is not RunState.RUNNING:
            return
        if await parts.run_news.wait(number, HEARTBEAT_SECONDS):
            await asyncio.sleep(PAUSE_SECONDS)
        elif not parts.run_news.is_closed:
            await write(response, HEARTBEAT)


def _found(parts: Parts, name: str) -> OnDemand | None:
    """Look a run up again; None where it was forgotten meanwhile."""
    try:
        return parts.estate.run_progress(name)
    except UsageError:
        return None
