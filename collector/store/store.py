"""The store: memory in, decisions out, each batch of decisions in one transaction."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from collector.memory import Changes, Event, Memory
from collector.runs import RunRow
from collector.store import StoreUnavailable, StoreUnusable
from collector.store.events import EventQuery, find_events
from collector.store.reading import read_memory, read_run_rows
from collector.store.schema import upgrade
from collector.store.sqlite import claimed, file_of, open_engine, upsert
from collector.store.tables import CHECKED, EVENTS, FACTS, STREAMS
from collector.store.writing import Statement, Taken, statements

Stream = tuple[str, str]
"""A host, and the UUID of a spool on it."""


class Store:
    """An open store, for one collector alone."""

    def __init__(self, engine: AsyncEngine, file: Path) -> None:
        self._engine = engine
        self._file = file
        self._inode = file.stat().st_ino

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Store"]:
        """Open a store and bring its tables up to this release.

        Raises StoreUnavailable where it cannot be read or written, StoreUnusable where it is no
        store of ours, is in use, or was made by a newer release.
        """
        file = file_of(url)
        if file is None:
            raise StoreUnusable(f"'{url}' is not a store such as sqlite:///var/lib/gatewatch.db")
        with claimed(file):
            engine = open_engine(file)
            try:
                store = cls(engine, file)
                with store._told("opened"):
                    async with engine.begin() as connection:
                        await connection.run_sync(upgrade, str(file))
                yield store
            finally:
                await engine.dispose()

    async def load(self) -> Memory | None:
        """Read all that survives a restart; None from a store that is still empty."""
        with self._told("read"):
            async with self._engine.connect() as connection:
                try:
                    return await read_memory(connection)
                except (KeyError, ValueError, msgspec.MsgspecError) as error:
                    text = f"the store {self._file} is damaged: {error}; bring back a copy of it"
                    raise StoreUnusable(text) from error

    async def write(self, changes: Sequence[Changes], taken: Collection[Taken] = ()) -> None:
        """Make decisions durable, in one transaction; when this returns they are on the disk.

        Raises StoreUnavailable when they are not; then none of them is.
        """
        await self._execute(statements(changes, taken))

    async def check(self, now: datetime) -> None:
        """Write something small; raises StoreUnavailable where that cannot be made durable."""
        row = {"name": CHECKED, "value": now.isoformat()}
        await self._execute([(upsert(FACTS), [row])])

    async def last_seqs(self, streams: Collection[Stream]) -> dict[Stream, int]:
        """Look up the last report of each of some spools; absent where none was taken."""
        columns = STREAMS.c.host, STREAMS.c.stream
        statement = select(*columns, STREAMS.c.seq).where(tuple_(*columns).in_(streams))
        with self._told("read"):
            async with self._engine.connect() as connection:
                rows = await connection.execute(statement)
                return {(row.host, row.stream): row.seq for row in rows}

    async def events(self, query: EventQuery) -> list[Event]:
        """List events."""
        with self._told("read"):
            async with self._engine.connect() as connection:
                return await find_events(connection, query)

    async def run_rows(self, run: str) -> list[RunRow]:
        """Read what a run that is over said of its paths."""
        with self._told("read"):
            async with self._engine.connect() as connection:
                return await read_run_rows(connection, run)

    async def newest_event(self) -> int:
        """Look up the id of the newest event; 0 where there is none."""
        with self._told("read"):
            async with self._engine.connect() as connection:
                return await connection.scalar(select(func.max(EVENTS.c.id))) or 0

    async def forget_streams(self, before: datetime) -> None:
        """Forget spools that were last heard of before a time: their probes have new ones."""
        await self._execute([(delete(STREAMS).where(STREAMS.c.at < before), [])])

    async def _execute(self, written: Iterable[Statement]) -> None:
        with self._told("written"):
            await asyncio.to_thread(self._check_place)
            async with self._engine.begin() as connection:
                for statement, rows in written:
                    await connection.execute(statement, rows or None)

    def _check_place(self) -> None:
        """Notice that the file is gone or another: SQLite would go on writing into nowhere."""
        if self._file.stat().st_ino != self._inode:
            raise OSError("another file stands in its place; restart the collector")

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Say in our own words what the database could not do."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            reason = getattr(error, "orig", None) or error
            text = f"the store {self._file} cannot be {done}: {reason}"
            raise StoreUnavailable(text) from error
