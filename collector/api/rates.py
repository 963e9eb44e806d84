"""How often somebody may call: a bucket for each, which fills up again with time."""

from collections.abc import Callable

_Bucket = tuple[float, float]
"""What is left in it, and as of when."""


class Rates:
    """Buckets by who calls.

    Those that were not touched while any bucket fills up are full, and forgotten all at once:
    whoever they were of is a newcomer. So no flood of callers makes anybody look through them.
    """

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        """Monotonic, in seconds."""
        self._recent: dict[str, _Bucket] = {}
        self._before: dict[str, _Bucket] = {}
        """Those touched within the time that filled a bucket before `_recent` began."""
        self._begun = clock()

    def __len__(self) -> int:
        """Count the buckets that are kept."""
        return len(self._recent.keys() | self._before.keys())

    def take(self, who: str) -> float:
        """Take one call; gives 0, or the seconds after which there will be one to take."""
        now = self._clock()
        self._forget(now)
        left = self._left(who, now)
        if left < 1:
            return (1 - left) / self._per_second
        self._recent[who] = (left - 1, now)
        return 0.0

    def wait(self, who: str) -> float:
        """Say how many seconds there are to wait for a call, and take none."""
        left = self._left(who, self._clock())
        return 0.0 if left >= 1 else (1 - left) / self._per_second

    def _left(self, who: str, now: float) -> float:
        bucket = self._recent.get(who) or self._before.get(who)
        if bucket is None:
            return self._at_once
        left, at = bucket
        return min(self._at_once, left + (now - at) * self._per_second)

    def _forget(self, now: float) -> None:
        fills = self._at_once / self._per_second
        if now - self._begun >= fills:
            self._before = self._recent if now - self._begun < 2 * fills else {}
            self._recent, self._begun = {}, now
