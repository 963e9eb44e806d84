"""What was measured and not yet acknowledged: bounded, in order, the dearest kept longest.

A queue in memory. Results are held as they will be sent, so that their size is known.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from flows.messages import Result, to_json
from flows.outcomes import Outcome

BATCH_RESULTS = 1000
BATCH_BYTES = 768 * 1024
"""Of results in one report; a collector takes bodies of 1 MiB by default."""


class Worth(IntEnum):
    """How dear a result is; the least is dropped first when the spool is full."""

    SUCCESS = 0
    """It said once more that the path is open."""
    FAILURE = 1
    """It said once more that the path is not."""
    NEWS = 2
    """It differs from the one before, or somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Results that travel together; they stay the same until they are acknowledged."""

    seq: int
    results: tuple[bytes, ...]
    """Each as JSON."""


@dataclass(frozen=True, slots=True)
class _Kept:
    serial: int
    at: datetime
    encoded: bytes


class Spool:
    """Results on their way to the collector, oldest first."""

    def __init__(self, most_bytes: int, oldest_seconds: float) -> None:
        self.dropped = 0
        """Results that nobody will ever see: the spool was full, or they were too old."""
        self._most_bytes = most_bytes
        self._oldest_seconds = oldest_seconds
        self._queues: dict[Worth, deque[_Kept]] = {worth: deque() for worth in Worth}
        self._serial = 0
        self._bytes = 0
        self._batch: Batch | None = None
        self._seq = 0

    def __len__(self) -> int:
        """Count what is not acknowledged, the batch under way included."""
        under_way = len(self._batch.results) if self._batch else 0
        return under_way + sum(map(len, self._queues.values()))

    def put(self, results: Iterable[Result], *, news: bool) -> None:
        """Keep results; drops the cheapest, and of these the oldest, if there is no room."""
        for result in results:
            self._serial += 1
            kept = _Kept(self._serial, result.at, to_json(result))
            self._queues[worth_of(result, news=news)].append(kept)
            self._bytes += len(kept.encoded)
        while self._bytes > self._most_bytes:
            self._pop(next(queue for queue in self._queues.values() if queue))
            self.dropped += 1

    def batch(self, now: datetime) -> Batch | None:
        """Hand out the batch that is under way, else the next one; None if there is nothing."""
        if self._batch is None:
            self._drop_outdated(now)
            results = tuple(self._take())
            if results:
                self._seq += 1
                self._batch = Batch(self._seq, results)
        return self._batch

    def settle(self, batch: Batch) -> None:
        """Forget a batch: it was acknowledged, or refused for good."""
        if self._batch is batch:
            self._batch = None

    def _take(self) -> Iterator[bytes]:
        size = 0
        for count in range(BATCH_RESULTS):
            queue = self._oldest()
            if queue is None or (count and size + len(queue[0].encoded) > BATCH_BYTES):
                return
            encoded = self._pop(queue).encoded
            size += len(encoded)
            yield encoded

    def _drop_outdated(self, now: datetime) -> None:
        while (queue := self._oldest()) is not None:
            if (now - queue[0].at).total_seconds() <= self._oldest_seconds:
                return
            self._pop(queue)
            self.dropped += 1

    def _oldest(self) -> deque[_Kept] | None:
        """Find the queue whose head came first."""
        filled = [queue for queue in self._queues.values() if queue]
        return min(filled, key=lambda queue: queue[0].serial, default=None)

    def _pop(self, queue: deque[_Kept]) -> _Kept:
        kept = queue.popleft()
        self._bytes -= len(kept.encoded)
        return kept


def worth_of(result: Result, *, news: bool) -> Worth:
    """Say how dear a result is."""
    if news or result.run is not None:
        return Worth.NEWS
    success = result.outcome in {Outcome.OPEN, Outcome.ANSWERED}
    return Worth.SUCCESS if success else Worth.FAILURE
