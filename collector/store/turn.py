"""One collector's turn to write: take in what others wrote, decide, make it durable."""

from collections import ChainMap
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.memory import CheckKey, Memory
from collector.store import StoreUnusable, journal
from collector.store.batch import Batch, Stream
from collector.store.database import Database
from collector.store.journal import Missed
from collector.store.reading import read_memory, read_streams
from collector.store.writing import statements


@dataclass(slots=True)
class Known:
    """What one collector knows of a store."""

    origin: str
    """Its name in the journal."""
    seen: int = 0
    """The last batch of the journal that it read or wrote."""
    ids: dict[CheckKey, int] = field(default_factory=dict)
    """Of every check that ever was."""
    seqs: dict[Stream, int] = field(default_factory=dict)
    """The last report of each spool that was taken."""

    def note(self, batch: Batch) -> None:
        """Know a batch that is durable."""
        for changes in batch.changes:
            self.ids.update(changes.check_ids)
        for one in batch.taken:
            stream = one.host, one.stream
            self.seqs[stream] = max(one.seq, self.seqs.get(stream, one.seq))


class Turn:
    """A time in which nobody else writes; it ends with `write`, or undone."""

    def __init__(self, database: Database, connection: AsyncConnection, known: Known) -> None:
        self._database = database
        self._connection = connection
        self._known = known

    async def load(self) -> Memory | None:
        """Read all that survives a restart; None from a store that is still empty.

        Raises StoreUnusable for rows that do not mean anything.
        """
        known = self._known
        try:
            memory = await read_memory(self._connection)
            known.seqs = await read_streams(self._connection)
        except (KeyError, ValueError, msgspec.MsgspecError) as error:
            text = f"the store {self._database.name} is damaged: {error}; bring back a copy of it"
            raise StoreUnusable(text) from error
        known.ids = dict(memory.check_ids) if memory else {}
        known.seen = await journal.newest(self._connection)
        return memory

    async def missed(self) -> list[Missed] | None:
        """Read the next batches that others wrote, none where that was all; None: load anew."""
        if not self._database.is_shared:
            return []
        found = await journal.read_after(self._connection, self._known.seen)
        for one in found or ():
            self._known.note(one.batch)
            self._known.seen = one.id
        return found

    async def write(self, batch: Batch, now: datetime) -> None:
        """Make a batch durable; when this returns it is on the disk, else none of it is.

        Everything that others wrote must have been taken in.
        """
        connection, known = self._connection, self._known
        new = {key: number for one in batch.changes for key, number in one.check_ids.items()}
        for statement, rows in statements(batch, ChainMap(new, known.ids), self._database.dialect):
            await connection.execute(statement, rows)
        if self._database.is_shared:
            await journal.append(connection, known.seen + 1, batch, known.origin, now)
            await self._database.announce(connection, known.origin)
        await connection.commit()
        known.seen += self._database.is_shared
        known.note(batch)
