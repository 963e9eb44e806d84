"""Waking a task in the very turn of the event loop that learned what it waits for.

A future's task runs one turn later, and a turn is a system call and much bookkeeping: with one
check in flight that is a twelfth of all it costs. A task awaits any object that is marked by
`_asyncio_future_blocking` (asyncio.isfuture); this one has the few methods that a task asks for.
"""

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any


class Wakeup:
    """Waits for one event of one socket; only the loop's own callbacks may call `wake`."""

    __slots__ = ("_asyncio_future_blocking", "_cancelled", "_context", "_events", "_loop", "_step")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self._events: int | None = None
        self._cancelled = False

    def wake(self, events: int) -> None:
        """Go on with the task that waits, at once."""
        self._events = events
        self._context.run(self._step, self)

    def done(self) -> bool:
        """Whether it was woken, or cancelled."""
        return self._events is not None or self._cancelled

    def result(self) -> int:
        """Hand the events to the task; raises CancelledError if it was cancelled."""
        if self._events is None:
            raise asyncio.CancelledError
        return self._events

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002 - as futures have it
        """Stop waiting in the next turn; False if it is too late for that."""
        if self.done():
            return False
        self._cancelled = True
        self._loop.call_soon(self._step, self, context=self._context)
        return True

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Say in which loop it is."""
        return self._loop

    def add_done_callback(self, step: Callable[["Wakeup"], Any], /, *, context: Context) -> None:
        """Remember how the one task that waits goes on; nobody else ever asks."""
        self._step = step
        self._context = context

    def __await__(self) -> Generator["Wakeup", None, int]:
        self._asyncio_future_blocking = True
        yield self
        return self.result()
