"""SQLite as a store: where its file is, how it is opened, and what of its SQL is its own.

See docs/decisions/0004-store.md.
"""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from collector.store import StoreUnavailable, StoreUnusable
from collector.store.sqlite_writer import BUSY_SECONDS, Writer, make_durable
from collector.store.upserts import Statement

_URL = re.compile(r"sqlite:///?(/[^/?#][^?#]*(?<!/))")
_DRIVE = re.compile(r"/[A-Za-z]:/")


def file_of(url: str) -> Path | None:
    """Name the file of a URL such as sqlite:///var/lib/x.db or sqlite:///C:/x.db; else None.

    A fourth slash, as SQLAlchemy writes it, changes nothing.
    """
    found = _URL.fullmatch(url)
    if found is None:
        return None
    path = unquote(found[1])
    return Path(path.removeprefix("/") if _DRIVE.match(path) else path)


class Sqlite:
    """A database in a file, for one collector alone."""

    dialect = "sqlite"
    is_shared = False
    failures: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, engine: AsyncEngine, writer: "Writer", file: Path) -> None:
        self.engine = engine
        self.name = str(file)
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator["Sqlite"]:
        """Open the file, or make it. Raises StoreUnavailable and StoreUnusable as `claimed`."""
        with claimed(file):
            engine, writer = open_engine(file), Writer(file)
            try:
                yield cls(engine, writer, file)
            finally:
                writer.close()
                await engine.dispose()

    async def check_place(self) -> None:
        """Notice that the file is gone or another: SQLite would go on writing into nowhere."""
        await asyncio.to_thread(self._writer.check_place)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[AsyncConnection]:
        """Wait for nobody: the claim on the file keeps all others out already."""
        connection = self.engine.connect()
        try:
            yield connection
        finally:
            if connection.sync_connection is not None:
                await connection.close()

    async def write(self, connection: AsyncConnection, statements: Iterable[Statement]) -> None:
        """Execute statements, and commit, without the event loop in between."""
        del connection
        await self._writer.write(list(statements))

    async def announce(self, connection: AsyncConnection, origin: str) -> None:
        """Tell nobody: there are no others."""
        del connection, origin

    async def listen(self, origin: str, heard: Callable[[], None]) -> None:
        """Hear nothing: there are no others."""
        del origin, heard


def url_of(file: Path) -> str:
    """Write the URL of a store in a file, by its absolute path."""
    return file.as_uri().replace("file:", "sqlite:", 1)


@contextmanager
def claimed(file: Path) -> Iterator[None]:
    """Make the file if it is not there, for its owner's eyes only, and keep other collectors out.

    The claim is a lock on a file beside it, which the system drops with the process. Raises
    StoreUnavailable where the file cannot be made, StoreUnusable where another collector has it.
    """
    beside = f"{file}.lock"
    try:
        for needed in (file, beside):
            os.close(os.open(needed, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        text = f"the store {file} cannot be opened: {error.strerror}; it needs a folder we may use"
        raise StoreUnavailable(text) from error
    with closing(sqlite3.connect(beside, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            text = f"the store {file} is in use by another collector: stop it, or name another file"
            raise StoreUnusable(text) from error
        yield


def open_engine(file: Path) -> AsyncEngine:
    """Make an engine whose commits are on the disk when they return."""
    url = URL.create("sqlite+aiosqlite", database=str(file))
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})
    make_durable(engine.sync_engine)
    return engine
