"""Waking those who wait for a host's assignment to change."""

import asyncio
from collections import deque
from collections.abc import Iterable

from collector.garbage import look_at_the_young

_AT_ONCE = 50
"""Who is woken in one turn of the event loop: each writes an answer while all others wait."""
_BEFORE_A_LOOK = 400
"""Whoever is woken asks again, and what it had goes: the young pile up unseen."""


class Bell:
    """One bell a host. Nobody is woken by what happened before it began to wait."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._woken = 0
        """Since the last look for garbage."""
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """Count those who wait."""
        return self._count

    async def wait(self, host: str, seconds: float) -> bool:
        """Wait for a host's bell; False when it did not ring in time, or never will again."""
        if self._is_closed:
            return False
        rung = asyncio.Event()
        self._waiting.setdefault(host, set()).add(rung)
        self._count += 1
        try:
            async with asyncio.timeout(seconds):
                await rung.wait()
        except TimeoutError:
            return False
        finally:
            self._leave(host, rung)
        return not self._is_closed

    def ring(self, hosts: Iterable[str] | None = None) -> None:
        """Wake who waits for these hosts; None is for all of them."""
        names = self._waiting if hosts is None else hosts
        self._ring_some(deque(rung for host in names for rung in self._waiting.get(host, ())))

    def close(self) -> None:
        """Let everybody go: the collector stops."""
        self._is_closed = True
        self.ring()

    def _ring_some(self, waiting: deque[asyncio.Event]) -> None:
        some = min(len(waiting), _AT_ONCE)
        for _ in range(some):
            waiting.popleft().set()
        self._woken += some
        if self._woken >= _BEFORE_A_LOOK:
            self._woken = 0
            look_at_the_young()
        if waiting:
            asyncio.get_running_loop().call_soon(self._ring_some, waiting)

    def _leave(self, host: str, rung: asyncio.Event) -> None:
        waiting = self._waiting[host]
        waiting.discard(rung)
        self._count -= 1
        if not waiting:
            del self._waiting[host]
