"""Blocking calls beside the event loop.

Each has a thread of its own, which never holds up the end of the program: a pool would let a few
silent name servers keep everybody else's lookups waiting.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

Answer = TypeVar("Answer")


def in_thread(work: Callable[[], Answer]) -> asyncio.Future[Answer]:
    """Run a blocking function to its end in a thread; cancelling only stops the waiting."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def run() -> None:
        try:
            settle = partial(future.set_result, work())
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            settle = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(lambda: future.done() or settle())

    threading.Thread(target=run, daemon=True, name="gatewatch-blocking").start()
    return future
