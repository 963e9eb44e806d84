"""What collectors that share a store wrote, one after the other, for those who look on.

Whoever writes holds the one lock of all writers, so that ids have no gaps and stand in the order of
the commits: a gap means that the journal was pruned before this collector had read it.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.memory import Changes
from collector.observing import shared
from collector.store.batch import Batch
from collector.store.tables import JOURNAL
from collector.store.upserts import Statement

MOST_AT_ONCE = 500
"""Batches that are read in one piece."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it is kept; plans are not, for they follow from the rest."""

    batch: Batch
    replanned: frozenset[int] = frozenset()
    """Which of its changes came with another plan, by their place."""


class Missed(NamedTuple):
    """A batch that another collector wrote."""

    id: int
    batch: Batch
    replanned: frozenset[int]


_NEW = insert(JOURNAL)
_decode = msgspec.msgpack.Decoder(Entry).decode


def packed(batch: Batch) -> bytes:
    """Write a batch for the other collectors."""
    plans = frozenset(index for index, one in enumerate(batch.changes) if one.plan is not None)
    plain = tuple(_of_use(one) for one in batch.changes)
    entry = Entry(batch=msgspec.structs.replace(batch, changes=plain), replanned=plans)
    return msgspec.msgpack.encode(entry)


def _of_use(changes: Changes) -> Changes:
    """Leave out what others make themselves, and what nobody but the store keeps."""
    if changes.plan is None and not changes.run_rows:
        return changes
    return msgspec.structs.replace(changes, plan=None, run_rows={})


async def newest(connection: AsyncConnection) -> int:
    """Look up the id of the newest batch; 0 before the first."""
    return await connection.scalar(select(func.max(JOURNAL.c.id))) or 0


async def read_after(connection: AsyncConnection, seen: int) -> list[Missed] | None:
    """Read the next batches, the oldest first; None where the journal no longer has them all."""
    statement = (
        select(JOURNAL.c.id, JOURNAL.c.batch)
        .where(JOURNAL.c.id > seen)
        .order_by(JOURNAL.c.id)
        .limit(MOST_AT_ONCE)
    )
    rows = (await connection.execute(statement)).all()
    if rows and rows[0].id != seen + 1:
        return None
    entries = ((row.id, _decode(row.batch)) for row in rows)
    return [Missed(number, _sharing(entry.batch), entry.replanned) for number, entry in entries]


def _sharing(batch: Batch) -> Batch:
    """Let its cells share their certificates with all others."""
    changes = (
        msgspec.structs.replace(one, cells={key: shared(cell) for key, cell in one.cells.items()})
        for one in batch.changes
    )
    return msgspec.structs.replace(batch, changes=tuple(changes))


def added(number: int, batch: Batch, origin: str, at: datetime) -> Statement:
    """Make what adds a batch; `origin` names the collector that wrote it."""
    return _NEW, [{"id": number, "origin": origin, "at": at, "batch": packed(batch)}]


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget batches of long ago, but for the newest: ids go on from it."""
    latest = select(func.max(JOURNAL.c.id)).scalar_subquery()
    await connection.execute(delete(JOURNAL).where(JOURNAL.c.at < before, JOURNAL.c.id < latest))
