"""Time as the probe uses it: a parameter, so that tests can own it."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how to wait for something until some time has passed."""

    def now(self) -> float:
        """Read the wall clock: seconds since 1970, UTC. It may be set back and forth."""
        ...

    def monotonic(self) -> float:
        """Read a clock that only ever goes forward, in seconds."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait for an event, at most that long; say whether it is set. None waits for ever."""
        ...


class SystemClock:
    """This machine's own clock."""

    def now(self) -> float:
        """Read the wall clock."""
        return time.time()

    def monotonic(self) -> float:
        """Read the clock with the finest steps (time.monotonic has 15.6 ms on Windows)."""
        return time.perf_counter()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait for an event, at most that long."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


async def pause(clock: Clock, seconds: float) -> None:
    """Let time pass."""
    await clock.wait(asyncio.Event(), seconds)
