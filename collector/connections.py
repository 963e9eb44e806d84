"""Connections that have to get on: who is slow to ask is cut off.

aiohttp knows one bound for a connection without a request: it has to be long for those that are
kept alive between two reports, and leaves as much to a head that trickles. Here the head has a
bound of its own: from its first byte, or from the beginning of the connection.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler


class Hurried(asyncio.Protocol):
    """A protocol of HTTP that is given so long for each head."""

    __slots__ = ("_inner", "_is_asked", "_is_begun", "_patience", "_slow", "_timer", "_transport")

    def __init__(self, inner: asyncio.Protocol, patience: float, slow: Callable[[], None]) -> None:
        self._inner = inner
        self._patience = patience
        """Seconds."""
        self._slow = slow
        """Told of each head that was begun and given up."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_begun = False
        """Whether a byte of the next head came."""
        self._is_asked = False
        """Whether a request is being answered; its body is bounded where it is read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and wait for the first head."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by descent
        self._wait()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hand on what came; outside of a request it is of a head."""
        if not self._is_asked:
            self._is_begun = True
            if self._timer is None:
                self._wait()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand on that no more comes."""
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Hand on that the client is slow to read."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand on that it reads again."""
        self._inner.resume_writing()

    def asked(self) -> None:
        """Note that a head is complete."""
        self._is_asked, self._is_begun = True, False
        self._stop()

    def answered(self) -> None:
        """Note that another head may come."""
        self._is_asked = False

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._patience, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._is_begun:
            self._slow()
        if self._transport is not None:
            self._transport.abort()


@web.middleware
async def as_asked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection of a call when it was asked, and when it is answered."""
    connection = request.transport.get_protocol() if request.transport else None
    if not isinstance(connection, Hurried):
        return await handler(request)
    connection.asked()
    try:
        return await handler(request)
    finally:
        connection.answered()
