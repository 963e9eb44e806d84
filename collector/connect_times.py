"""How long connecting took, by flow: the one histogram of the estate."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from flows.outcomes import Observation, Outcome, Stage

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds. A LAN lies in the first ones, one lost SYN beyond 1 s."""
_CONNECTED = frozenset({Outcome.OPEN, Outcome.RESET, Outcome.HUNG})


def connect_seconds(observation: Observation) -> float | None:
    """Tell how long connecting took; None for what did not connect, however long it tried."""
    if observation.outcome not in _CONNECTED:
        return None
    return observation.stages.get(Stage.CONNECT)


class ConnectTimes:
    """Counts connects that were done; what was refused or filtered has no such time."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def take(self, flows: Iterable[str], observation: Observation) -> None:
        """Count one measurement for every flow that shares it."""
        seconds = connect_seconds(observation)
        if seconds is None:
            return
        bucket = bisect_left(BOUNDS, seconds)
        for flow in flows:
            if flow not in self._counts:
                self._counts[flow] = [0] * (len(BOUNDS) + 1)
                self._sums[flow] = 0.0
            self._counts[flow][bucket] += 1
            self._sums[flow] += seconds

    def series(self) -> Iterable[tuple[dict[str, object], Mapping[float, int], float]]:
        """List label pairs, cumulative counts by upper bound, and the sum in seconds."""
        for flow, counts in sorted(self._counts.items()):
            total = 0
            buckets: dict[float, int] = {}
            for bound, count in zip((*BOUNDS, float("inf")), counts, strict=True):
                total += count
                buckets[bound] = total
            yield {"flow": flow}, buckets, self._sums[flow]
