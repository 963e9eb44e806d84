"""Holds back what one check multiplies: the addresses of a name."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turnstile:
    """Lets at most so many in at a time, and so many within any second; first come, first served.

    Whoever is inside must not ask for a place of the same turnstile.
    """

    def __init__(self, at_a_time: int, per_second: int, now: Callable[[], float]) -> None:
        self._places = asyncio.Semaphore(at_a_time)
        self._head = asyncio.Lock()
        self._passed: deque[float] = deque(maxlen=per_second)
        self._now = now

    async def __aenter__(self) -> None:
        """Wait for a place, and for the pace."""
        await self._places.acquire()
        try:
            async with self._head:
                await asyncio.sleep(self._seconds_to_wait())
                self._passed.append(self._now())
        except BaseException:
            self._places.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Give the place back."""
        self._places.release()

    def _seconds_to_wait(self) -> float:
        if len(self._passed) != self._passed.maxlen:
            return 0.0
        return max(0.0, self._passed[0] + 1.0 - self._now())
