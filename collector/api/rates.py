"""How often somebody may call: a bucket for each, which fills up again with time."""

from collections.abc import Callable

_MOST = 100_000
"""Buckets that are kept before the full ones are forgotten."""


class Rates:
    """Buckets by who calls."""

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        """Monotonic, in seconds."""
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> float:
        """Take one call; gives 0, or the seconds after which there will be one to take."""
        now = self._clock()
        left = self._left(who, now)
        if left < 1:
            return (1 - left) / self._per_second
        if len(self._buckets) >= _MOST:
            self._forget(now)
        self._buckets[who] = (left - 1, now)
        return 0.0

    def wait(self, who: str) -> float:
        """Say how many seconds there are to wait for a call, and take none."""
        left = self._left(who, self._clock())
        return 0.0 if left >= 1 else (1 - left) / self._per_second

    def _left(self, who: str, now: float) -> float:
        left, at = self._buckets.get(who, (self._at_once, now))
        return min(self._at_once, left + (now - at) * self._per_second)

    def _forget(self, now: float) -> None:
        """Forget whom nobody would tell from a newcomer."""
        self._buckets = {
            who: bucket
            for who, bucket in self._buckets.items()
            if self._left(who, now) < self._at_once
        }
