"""The store: memory in, decisions out, each batch of decisions in one transaction.

Decisions are taken in turns. While a turn is held nobody else writes, here or in another collector;
what others wrote before is there to be taken in first.
"""

import uuid
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.memory import Event
from collector.store import StoreUnavailable, StoreUnusable, journal
from collector.store.batch import Stream
from collector.store.database import Database, started
from collector.store.events import EventQuery, find_events
from collector.store.postgres import Postgres, url_named
from collector.store.reading import read_run_rows
from collector.store.schema import upgrade
from collector.store.sqlite import Sqlite, file_of
from collector.store.tables import CHECKED, EVENTS, FACTS
from collector.store.turn import Known, Turn
from collector.store.upserts import upsert


class Store:
    """An open store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known(origin=uuid.uuid4().hex)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Store"]:
        """Open a store and bring its tables up to this release.

        Raises StoreUnavailable where it cannot be read or written, StoreUnusable where it is no
        store of ours, is in use, or was made by a newer release.
        """
        async with _database(url) as database:
            store = cls(database)
            await store.upgrade()
            yield store

    async def upgrade(self) -> None:
        """Bring the tables up to this release; of several collectors that start, one does it."""
        with self._told("opened"):
            async with self._database.turn() as connection:
                await (await started(connection)).run_sync(upgrade, self._database.name)
                await connection.commit()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait until nobody else writes, and keep it so while the block runs.

        Raises StoreUnavailable where that cannot be had.
        """
        with self._told("written"):
            async with self._database.turn() as connection:
                yield Turn(self._database, connection, self._known)

    @asynccontextmanager
    async def looking_on(self) -> AsyncIterator[Turn]:
        """Take in what others wrote without keeping them from writing; nothing can be written.

        Raises StoreUnavailable where that cannot be had.
        """
        async with self._reading() as connection:
            yield Turn(self._database, connection, self._known)

    def last_seqs(self, streams: Collection[Stream]) -> dict[Stream, int]:
        """Look up the last report of each of some spools; absent where none was taken."""
        known = self._known.streams
        found = ((host, name, known.get(host, {}).get(name)) for host, name in streams)
        return {(host, name): last.seq for host, name, last in found if last is not None}

    async def follow(self, heard: Callable[[], None]) -> None:
        """Call back whenever another collector may have written, until cancelled."""
        await self._database.listen(self._known.origin, heard)

    async def check(self, now: datetime) -> None:
        """Write something small; raises StoreUnavailable where that cannot be made durable."""
        row = {"name": CHECKED, "value": now.isoformat()}
        with self._told("written"):
            await self._database.check_place()
            async with self._database.engine.begin() as connection:
                await connection.execute(upsert(FACTS, self._database.dialect), [row])

    async def events(self, query: EventQuery, place: str | None = None) -> list[Event]:
        """List events; `place` is that of the query's host."""
        async with self._reading() as connection:
            return await find_events(connection, query, place)

    async def run_rows(self, run: str) -> bytes | None:
        """Read what a run that is over said of its paths, packed; None for one that is unknown."""
        async with self._reading() as connection:
            return await read_run_rows(connection, run)

    async def newest_event(self) -> int:
        """Look up the id of the newest event; 0 where there is none."""
        async with self._reading() as connection:
            return await connection.scalar(select(func.max(EVENTS.c.id))) or 0

    async def prune(self, before: datetime) -> None:
        """Forget what the journal says of older times: who has not read it by then loads anew."""
        with self._told("written"):
            async with self._database.engine.begin() as connection:
                await journal.prune(connection, before)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with self._told("read"):
            async with self._database.engine.connect() as connection:
                yield connection

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Say in our own words what the database could not do."""
        failures: tuple[type[Exception], ...] = (
            SQLAlchemyError,
            OSError,
            *self._database.failures,
        )
        try:
            yield
        except failures as error:
            reason = getattr(error, "orig", None) or error
            said = str(reason) or "it does not answer"
            text = f"the store {self._database.name} cannot be {done}: {said}"
            raise StoreUnavailable(text) from error


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    file = file_of(url)
    if file is not None:
        async with Sqlite.open(file) as opened:
            yield opened
        return
    server = url_named(url)
    if server is None:
        raise StoreUnusable(
            "this is no store: write sqlite:///var/lib/gatewatch/gatewatch.db,"
            " or postgresql://USER@HOST/DATABASE"
        )
    async with Postgres.open(server) as shared:
        yield shared
