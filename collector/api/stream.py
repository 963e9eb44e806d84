"""Events as they become durable, as server-sent events (WHATWG HTML, section 9.2).

Every reader has its own place in the store and nothing in memory, so that it resumes without a gap,
and a slow one costs no more than a page of events.
"""

import asyncio
import logging
from collections.abc import Coroutine

import msgspec
from aiohttp import web

from collector.api import PARTS
from collector.api.answering import encoded
from collector.api.asking import asked
from collector.api.problems import BAD_QUERY, TOO_MANY_STREAMS, ApiError
from collector.memory import Event, EventKind
from collector.parts import Parts
from collector.places import place_named
from collector.store import StoreUnavailable
from collector.store.events import EventQuery, Id

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
"""Between two comments that say: still here."""
PATIENCE_SECONDS = 30.0
"""For a reader that takes nothing; then it is cut off."""
MOST_STREAMS = 200
"""Each reads the store for itself: 100 have an event within 0.2 s."""
PAGE = 100
"""Events that are read and written at once."""
RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a browser comes back."""
HEARTBEAT = b": still here\n\n"
HEADERS = {
    "Content-Type": EVENT_STREAM,
    "X-Accel-Buffering": "no",  # nginx would wait for more
}
_log = logging.getLogger(__name__)


class StreamQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events to follow: what comes from now on, or after an id without a gap."""

    after: Id | None = None
    """The header Last-Event-ID stands above it."""
    kind: EventKind | None = None
    path: str | None = None
    """Glob over whole path ids."""
    host: str | None = None
    """A name: events of its paths in both directions, of its version, its probe and its place."""


class Tail:
    """The end of the events, as far as one reader has seen it."""

    def __init__(self, parts: Parts, query: StreamQuery) -> None:
        self._parts = parts
        self._query = query
        self._seen = 0

    async def begin(self, after: int | None) -> None:
        """Go to an id; to the newest event for None, or for an id that this store never gave."""
        newest = await self._parts.store.newest_event()
        self._seen = newest if after is None else min(after, newest)

    async def read(self) -> list[Event]:
        """Read the next events; less than a page at the end."""
        store, query = self._parts.store, self._query
        async with self._parts.news.reading:
            newest = await store.newest_event()
            if newest <= self._seen:
                return []
            page = EventQuery(
                limit=PAGE,
                after=self._seen,
                before=newest + 1,
                kind=query.kind,
                path=query.path,
                host=query.host,
            )
            place = place_named(self._parts.estate.plan.inventory, query.host)
            found = await store.events(page, place)
        last = found[-1].id if len(found) == PAGE else newest
        assert last is not None  # noqa: S101 - every event of the store has one
        self._seen = last
        return found


async def stream(request: web.Request) -> web.StreamResponse:
    """Tell of events as they become durable, until the reader leaves or the collector stops."""
    query = asked(request, StreamQuery)
    parts = request.app[PARTS]
    if parts.news.following >= MOST_STREAMS:
        raise ApiError(TOO_MANY_STREAMS, f"{MOST_STREAMS} readers follow already: ask again later")
    tail = Tail(parts, query)
    await tail.begin(_last_seen(request, query))
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    with parts.news.follower(), parts.metrics.event_streams.track_inprogress():
        await until_it_ends(request, _follow(parts, response, tail))
    return response


def _last_seen(request: web.Request, query: StreamQuery) -> int | None:
    """Read where a reader left off; a browser that comes back says it in a header."""
    said = request.headers.get("Last-Event-ID")
    if said is None:
        return query.after
    try:
        return msgspec.convert(said, Id, strict=False)
    except msgspec.ValidationError as error:
        raise ApiError(BAD_QUERY, f"the header Last-Event-ID is no event's id: {error}") from error


async def until_it_ends(request: web.Request, following: Coroutine[None, None, None]) -> None:
    """Write what comes; a reader that is cut off, or finds the stream ended, may come back."""
    try:
        await following
    except TimeoutError:
        _log.info("cut off %s: it took no events for %.0f s", request.remote, PATIENCE_SECONDS)
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        pass  # it left
    except StoreUnavailable as error:
        _log.debug("a stream of events ends early: %s", error)


async def _follow(parts: Parts, response: web.StreamResponse, tail: Tail) -> None:
    await write(response, RETRY)
    while not parts.news.is_closed:
        told = parts.news.told
        while True:
            found = await tail.read()
            if found:
                await write(response, b"".join(map(_frame, found)))
            if len(found) < PAGE:
                break
        if not await parts.news.wait(told, HEARTBEAT_SECONDS) and not parts.news.is_closed:
            await write(response, HEARTBEAT)


async def write(response: web.StreamResponse, content: bytes) -> None:
    """Write, and wait while the reader's buffers are full; TimeoutError when they stay so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await response.write(content)


def _frame(event: Event) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (event.id or 0, encoded(event))
