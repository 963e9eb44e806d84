"""One collector's turn to write: take in what others wrote, decide, make it durable."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.memory import Memory
from collector.store import StoreUnusable, journal
from collector.store.batch import Batch, Last, Sources, Taken
from collector.store.database import Database, started
from collector.store.journal import Missed
from collector.store.reading import read_memory, read_streams
from collector.store.writing import statements

GONE = timedelta(days=30)
"""A spool that was silent for so long is no more: its probe has another one."""


@dataclass(slots=True)
class Known:
    """What one collector knows of a store."""

    origin: str
    """Its name in the journal."""
    seen: int = 0
    """The last batch of the journal that it read or wrote."""
    streams: dict[str, dict[str, Last]] = field(default_factory=dict)
    """The last report of each spool that was taken, by host."""

    def with_taken(self, taken: Iterable[Taken]) -> dict[str, dict[str, Last]]:
        """Give the spools of these hosts as they are with these reports."""
        streams: dict[str, dict[str, Last]] = {}
        for host, stream, seq, at in taken:
            if host not in streams:
                known = self.streams.get(host, {})
                streams[host] = {name: one for name, one in known.items() if at - one.at < GONE}
            last = streams[host].get(stream)
            if last is None or last.seq < seq:
                streams[host][stream] = Last(seq, at)
        return streams


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
            connection = await started(self._connection)
            memory = await read_memory(connection)
            known.streams = await read_streams(connection)
        except (KeyError, ValueError, msgspec.MsgspecError) as error:
            text = f"the store {self._database.name} is damaged: {error}; bring back a copy of it"
            raise StoreUnusable(text) from error
        known.seen = await journal.newest(connection)
        return memory

    async def missed(self) -> list[Missed] | None:
        """Read the next batches that others wrote, none where that was all; None: load anew."""
        if not self._database.is_shared:
            return []
        found = await journal.read_after(self._connection, self._known.seen)
        for one in found or ():
            self._known.streams.update(self._known.with_taken(one.batch.taken))
            self._known.seen = one.id
        return found

    async def write(self, batch: Batch, sources: Sources, now: datetime) -> None:
        """Make a batch durable; when this returns it is on the disk, else none of it is.

        `sources` are those that it touches, as they are with it. Everything that others wrote must
        have been taken in.
        """
        connection, known, database = self._connection, self._known, self._database
        streams = known.with_taken(batch.taken)
        latest = {host: streams.get(host) or known.streams.get(host, {}) for host in sources}
        every = list(statements(batch, sources, latest, database.dialect))
        if database.is_shared:
            every.append(journal.added(known.seen + 1, batch, known.origin, now))
            await database.announce(connection, known.origin)
        await database.write(connection, every)
        known.seen += database.is_shared
        known.streams.update(streams)
