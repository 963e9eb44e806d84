"""What was measured and not yet acknowledged: bounded, in order, the dearest kept longest.

A queue in memory, which says of everything that happens to it what has to be written down, so that
another one goes on from there (`probe.keeping`). Results are held as they will be sent, so that
their size is known. A batch keeps its stream and its number for ever: what was once sent under them
must not be another thing later, or the collector would take it for a repetition.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import msgspec

from flows.messages import Result, to_json
from flows.outcomes import Outcome
from probe.wire.journal import Kind, Record, read_records, written

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

    stream: str
    """UUID of the spool that numbered it: each start of a probe has another one."""
    seq: int
    results: tuple[bytes, ...]
    """Each as JSON."""


@dataclass(frozen=True, slots=True)
class _Kept:
    serial: int
    worth: Worth
    at: datetime
    encoded: bytes


class _Numbered(msgspec.Struct, frozen=True, array_like=True):
    """A result as it is written down."""

    serial: int
    worth: int
    result: msgspec.Raw


class _Travelling(msgspec.Struct, frozen=True, array_like=True):
    """A batch as it is written down; settled, it has no serials."""

    stream: str
    seq: int
    serials: tuple[int, ...] = ()


class _GivenUp(msgspec.Struct, frozen=True, array_like=True):
    """Results that were dropped, and how many that makes since the spool was made."""

    total: int
    serials: tuple[int, ...] = ()


class Spool:
    """Results on their way to the collector, oldest first."""

    def __init__(self, most_bytes: int, oldest_seconds: float, stream: str) -> None:
        self.dropped = 0
        """Results that nobody will ever see: the spool was full, or they were too old."""
        self._most_bytes = most_bytes
        self._oldest_seconds = oldest_seconds
        self._stream = stream
        self._queues: dict[Worth, deque[_Kept]] = {worth: deque() for worth in Worth}
        self._serial = 0
        self._bytes = 0
        self._under_way: deque[tuple[Batch, tuple[_Kept, ...]]] = deque()
        self._seq = 0
        self._unsaved: list[bytes] = []

    def __len__(self) -> int:
        """Count what is not acknowledged, the batch under way included."""
        under_way = sum(len(batch.results) for batch, _ in self._under_way)
        return under_way + sum(map(len, self._queues.values()))

    @property
    def size(self) -> int:
        """Count the bytes of what waits and is not under way."""
        return self._bytes

    def put(self, results: Iterable[Result], *, news: bool) -> None:
        """Keep results; drops the cheapest, and of these the oldest, if there is no room."""
        for result in results:
            self._add(worth_of(result, news=news), result.at, to_json(result))
        self._make_room()

    def batch(self, now: datetime) -> Batch | None:
        """Hand out the batch that is under way, else the next one; None if there is nothing."""
        if not self._under_way:
            self._drop_outdated(now)
            taken = tuple(self._take())
            if taken:
                self._seq += 1
                batch = Batch(self._stream, self._seq, tuple(one.encoded for one in taken))
                self._under_way.append((batch, taken))
                self._note(Kind.BATCH, _travelling(batch, taken))
        return self._under_way[0][0] if self._under_way else None

    def settle(self, batch: Batch) -> None:
        """Forget a batch: it was acknowledged, or refused for good."""
        if self._under_way and self._under_way[0][0] is batch:
            self._under_way.popleft()
            self._note(Kind.SETTLED, _Travelling(batch.stream, batch.seq))

    def unsaved(self) -> bytes:
        """Give what has to be written behind what was written before, once."""
        content = b"".join(self._unsaved)
        self._unsaved.clear()
        return content

    def snapshot(self) -> bytes:
        """Give all that has to be written, in place of whatever was."""
        self._unsaved.clear()
        self._note(Kind.DROPPED, _GivenUp(self.dropped))
        for batch, taken in self._under_way:
            self._note_all(taken)
            self._note(Kind.BATCH, _travelling(batch, taken))
        waiting = [kept for queue in self._queues.values() for kept in queue]
        self._note_all(sorted(waiting, key=lambda kept: kept.serial))
        return self.unsaved()

    def take_over(self, content: bytes) -> int:
        """Go on from what another spool wrote down; gives how many places were damaged.

        What this one has already comes after it, but for batches: those keep their turns.
        """
        reading = read_records(content)
        found = _Replayed()
        for record in reading.records:
            found.take(record)
        self.dropped += found.dropped
        for batch, taken in found.batches.values():
            self._under_way.append((batch, taken))
        for worth, at, encoded in found.waiting():
            self._add(worth, at, encoded)
        self._make_room()
        return reading.damaged

    def _add(self, worth: Worth, at: datetime, encoded: bytes) -> None:
        self._serial += 1
        kept = _Kept(self._serial, worth, at, encoded)
        self._queues[worth].append(kept)
        self._bytes += len(encoded)
        self._note_all((kept,))

    def _make_room(self) -> None:
        dropped: list[_Kept] = []
        while self._bytes > self._most_bytes:
            dropped.append(self._pop(next(queue for queue in self._queues.values() if queue)))
        self._drop(dropped)

    def _take(self) -> Iterator[_Kept]:
        size = 0
        for count in range(BATCH_RESULTS):
            queue = self._oldest()
            if queue is None or (count and size + len(queue[0].encoded) > BATCH_BYTES):
                return
            kept = self._pop(queue)
            size += len(kept.encoded)
            yield kept

    def _drop_outdated(self, now: datetime) -> None:
        dropped: list[_Kept] = []
        while (queue := self._oldest()) is not None:
            if (now - queue[0].at).total_seconds() <= self._oldest_seconds:
                break
            dropped.append(self._pop(queue))
        self._drop(dropped)

    def _drop(self, dropped: list[_Kept]) -> None:
        if dropped:
            self.dropped += len(dropped)
            serials = tuple(kept.serial for kept in dropped)
            self._note(Kind.DROPPED, _GivenUp(self.dropped, serials))

    def _oldest(self) -> deque[_Kept] | None:
        """Find the queue whose head came first."""
        filled = [queue for queue in self._queues.values() if queue]
        return min(filled, key=lambda queue: queue[0].serial, default=None)

    def _pop(self, queue: deque[_Kept]) -> _Kept:
        kept = queue.popleft()
        self._bytes -= len(kept.encoded)
        return kept

    def _note(self, kind: Kind, said: msgspec.Struct) -> None:
        self._unsaved.append(written(kind, to_json(said)))

    def _note_all(self, kept: Iterable[_Kept]) -> None:
        for one in kept:
            raw = msgspec.Raw(one.encoded)
            self._note(Kind.KEPT, _Numbered(one.serial, one.worth.value, raw))


class _Replayed:
    """What a file says was still on its way."""

    def __init__(self) -> None:
        self.dropped = 0
        self.batches: dict[tuple[str, int], tuple[Batch, tuple[_Kept, ...]]] = {}
        self._kept: dict[int, _Kept] = {}

    def take(self, record: Record) -> None:
        """Follow what happened; a record that makes no sense is passed over."""
        try:
            self._follow(record)
        except (msgspec.MsgspecError, ValueError):
            return

    def waiting(self) -> Iterator[tuple[Worth, datetime, bytes]]:
        """Walk what was in no batch yet, in its order."""
        for _, kept in sorted(self._kept.items()):
            yield kept.worth, kept.at, kept.encoded

    def _follow(self, record: Record) -> None:
        match record.kind:
            case Kind.KEPT:
                one = msgspec.json.decode(record.payload, type=_Numbered)
                at = msgspec.json.decode(one.result, type=Result).at
                kept = _Kept(one.serial, Worth(one.worth), at, bytes(one.result))
                self._kept[one.serial] = kept
            case Kind.BATCH:
                said = msgspec.json.decode(record.payload, type=_Travelling)
                taken = tuple(self._kept.pop(one) for one in said.serials if one in self._kept)
                if taken:
                    batch = Batch(said.stream, said.seq, tuple(one.encoded for one in taken))
                    self.batches[said.stream, said.seq] = batch, taken
            case Kind.SETTLED:
                over = msgspec.json.decode(record.payload, type=_Travelling)
                self.batches.pop((over.stream, over.seq), None)
            case Kind.DROPPED:
                gone = msgspec.json.decode(record.payload, type=_GivenUp)
                self.dropped = gone.total
                for serial in gone.serials:
                    self._kept.pop(serial, None)


def _travelling(batch: Batch, taken: Iterable[_Kept]) -> _Travelling:
    return _Travelling(batch.stream, batch.seq, tuple(kept.serial for kept in taken))


def worth_of(result: Result, *, news: bool) -> Worth:
    """Say how dear a result is."""
    if news or result.run is not None:
        return Worth.NEWS
    success = result.outcome in {Outcome.OPEN, Outcome.ANSWERED}
    return Worth.SUCCESS if success else Worth.FAILURE
