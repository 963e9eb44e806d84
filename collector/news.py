"""Telling those who follow the events that there are new ones; they fetch them from the store."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

READERS_AT_ONCE = 2
"""Followers that read the store at the same time, so that a crowd of them holds no write up."""


class News:
    """Counts tellings, so that nobody who looks in between misses one."""

    def __init__(self) -> None:
        self.told = 0
        """How often something was new."""
        self.reading = asyncio.Semaphore(READERS_AT_ONCE)
        """Held by whoever reads the store for a follower."""
        self.following = 0
        """How many follow."""
        self._next = asyncio.Event()
        self._is_closed = False

    @contextmanager
    def follower(self) -> Iterator[None]:
        """Count one more while the block runs."""
        self.following += 1
        try:
            yield
        finally:
            self.following -= 1

    @property
    def is_closed(self) -> bool:
        """Whether nothing will be told any more."""
        return self._is_closed

    async def wait(self, told: int, seconds: float) -> bool:
        """Wait until something is new since `told` was read; False when nothing was in time."""
        try:
            async with asyncio.timeout(seconds):
                while self.told == told and not self._is_closed:
                    await self._next.wait()
        except TimeoutError:
            return False
        return not self._is_closed

    def tell(self) -> None:
        """Say that there are new events in the store."""
        self.told += 1
        self._wake()

    def close(self) -> None:
        """Let everybody go: the collector stops."""
        self._is_closed = True
        self._wake()

    def _wake(self) -> None:
        self._next.set()
        self._next = asyncio.Event()
