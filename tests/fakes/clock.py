"""A clock that stands still until a test moves it."""

import asyncio
import itertools

START = 1_699_999_980.0
"""A whole minute: the turn of every check without an offset falls due here."""

_MICRO = 1_000_000


class FakeClock:
    """Wall clock and monotonic clock in one, in whole microseconds; `advance` wakes who waits."""

    def __init__(self, now: float = START) -> None:
        self._now = round(now * _MICRO)
        self._sleepers: dict[int, tuple[int, asyncio.Timeout]] = {}
        self._numbers = itertools.count()
        self._slept = asyncio.Event()
        self.waits: list[float] = []
        """How long others asked to wait, in the order of their asking."""

    def now(self) -> float:
        return self._now / _MICRO

    def monotonic(self) -> float:
        return self._now / _MICRO

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        if seconds is None:
            await event.wait()
            return True
        if event.is_set():
            return True
        number = next(self._numbers)
        try:
            async with asyncio.timeout(None) as scope:
                self._sleepers[number] = (self._now + round(seconds * _MICRO), scope)
                self.waits.append(seconds)
                self._slept.set()
                if seconds <= 0:
                    self.advance(0)
                await event.wait()
        except TimeoutError:
            return event.is_set()
        finally:
            self._sleepers.pop(number, None)
        return True

    def advance(self, seconds: float) -> None:
        """Let time pass and wake whoever waited for it."""
        self._now += round(seconds * _MICRO)
        loop_time = asyncio.get_running_loop().time()
        for number, (wake_at, scope) in list(self._sleepers.items()):
            if wake_at <= self._now:
                del self._sleepers[number]
                scope.reschedule(loop_time)

    def sleeping(self) -> list[float]:
        """List for how many more seconds each one waits."""
        return sorted((wake_at - self._now) / _MICRO for wake_at, _ in self._sleepers.values())

    async def until_sleeping(self, seconds: float) -> None:
        """Wait until somebody waits for just that long from now."""
        while seconds not in self.sleeping():
            self._slept.clear()
            await self._slept.wait()
