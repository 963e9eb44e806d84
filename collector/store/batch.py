"""What one transaction makes durable: decisions, the reports they came from, and their sums."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from collector.connect_times import Spread
from collector.memory import Changes, ProbeSeen
from flows.cells import Cell

Stream = tuple[str, str]
"""A host, and the UUID of a spool on it."""


class Taken(NamedTuple):
    """A report that was taken, and when."""

    host: str
    stream: str
    seq: int
    at: datetime


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions that were taken one after the other, and hold together or not at all."""

    changes: tuple[Changes, ...] = ()
    taken: tuple[Taken, ...] = ()
    connects: dict[str, Spread] = {}
    """How long connecting took, by flow, with what these reports add."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.taken and not self.connects and all(one.empty for one in self.changes)


class Source(NamedTuple):
    """All that is known of one source with a batch: it is kept in one piece."""

    cells: Mapping[int, Cell]
    """By the id of their check."""
    probe: ProbeSeen | None


Sources = Mapping[str, Source]
"""By host."""


class Last(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last report of a spool that was taken, and when."""

    seq: int
    at: datetime
