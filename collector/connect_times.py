"""How long connecting took, by flow: the one histogram of the estate."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate
from types import MappingProxyType

import msgspec

from flows.outcomes import Observation, Outcome

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds. A LAN lies in the first ones, one lost SYN beyond 1 s."""
_CONNECTED = frozenset({Outcome.OPEN, Outcome.RESET, Outcome.HUNG})


def connect_seconds(observation: Observation) -> float | None:
    """Tell how long connecting took; None for what did not connect, however long it tried."""
    if observation.outcome not in _CONNECTED:
        return None
    return observation.stages.connect


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How connects of one flow spread over the bounds, since ever."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    """By the least bound that holds them; the last is beyond all bounds."""
    total: float = 0.0
    """Seconds."""

    @property
    def buckets(self) -> Mapping[float, int]:
        """Count cumulatively by upper bound, as Prometheus wants it."""
        return dict(zip((*BOUNDS, float("inf")), accumulate(self.counts), strict=True))


Measured = tuple[Iterable[str], Observation]
"""The flows that share a check, and what was seen of it."""


class ConnectTimes:
    """Counts connects that were done; what was refused or filtered has no such time."""

    def __init__(self, known: Mapping[str, Spread] = MappingProxyType({})) -> None:
        self._spreads = dict(known)

    def after(self, measured: Iterable[Measured]) -> dict[str, Spread]:
        """Give the flows that these measurements change, as they are with them."""
        counts: dict[str, list[int]] = {}
        sums: dict[str, float] = {}
        for flows, observation in measured:
            seconds = connect_seconds(observation)
            if seconds is None:
                continue
            bucket = bisect_left(BOUNDS, seconds)
            for flow in flows:
                if flow not in counts:
                    known = self._spreads.get(flow, Spread())
                    counts[flow], sums[flow] = list(known.counts), known.total
                counts[flow][bucket] += 1
                sums[flow] += seconds
        return {
            flow: Spread(counts=tuple(found), total=sums[flow]) for flow, found in counts.items()
        }

    def apply(self, changed: Mapping[str, Spread]) -> None:
        """Take in what `after` gave, once it is durable."""
        self._spreads.update(changed)

    def series(self) -> Iterable[tuple[dict[str, object], Mapping[float, int], float]]:
        """List label pairs, cumulative counts by upper bound, and the sum in seconds."""
        for flow, spread in sorted(self._spreads.items()):
            yield {"flow": flow}, spread.buckets, spread.total
