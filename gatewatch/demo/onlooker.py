"""Who watches the demo: a person at a terminal, a clock, or nobody."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable

Proceed = Callable[[str], Awaitable[None]]

AUTO_SECONDS = 8.0
"""Long enough to read what happened and to look at the page."""


def say(text: str) -> None:
    """Tell the onlooker."""
    print(text, flush=True)


async def nobody(_announced: str) -> None:
    """Go on at once."""


async def by_clock(announced: str) -> None:
    """Announce the step, and go on after a while."""
    say(f"In {AUTO_SECONDS:.0f} s: {announced}")
    await asyncio.sleep(AUTO_SECONDS)


def by_enter() -> Proceed:
    """Announce each step, and go on when Enter is pressed.

    A thread reads the keyboard: no event loop can on Windows, and it must not outlive the demo.
    """
    loop = asyncio.get_running_loop()
    pressed = asyncio.Semaphore(0)

    def read() -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(pressed.release)

    threading.Thread(target=read, name="keyboard", daemon=True).start()

    async def proceed(announced: str) -> None:
        say(f"[Enter] {announced}")
        await pressed.acquire()

    return proceed
