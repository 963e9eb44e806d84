"""Writing to SQLite in a thread: one visit to it for a whole transaction.

A thread that comes back from SQLite waits for the interpreter, for milliseconds where the event
loop is busy. So rows that come by the hundred are written in few, wide statements.
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from collector.store.tables import SOURCES
from collector.store.upserts import Row, Statement, upsert

Item = TypeVar("Item")
BUSY_SECONDS = 5.0
"""For a backup that reads along; no other program writes."""
_COLUMNS = tuple(column.name for column in SOURCES.columns)
_WIDTHS = (64, 32, 16, 8, 4, 2, 1)
"""Rows of one statement; each width is worded once."""


class Writer:
    """The one that writes to a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._inode = file.stat().st_ino
        self._engine = _engine(file)
        self._thread = ThreadPoolExecutor(1, "store")

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        self._engine.dispose()

    def check_place(self) -> None:
        """Notice that the file is gone or another; raises OSError."""
        if self._file.stat().st_ino != self._inode:
            raise OSError("another file stands in its place; restart the collector")

    async def write(self, statements: Sequence[Statement]) -> None:
        """Execute statements in one transaction; when this returns it is on the disk."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, statements)

    def _write(self, statements: Sequence[Statement]) -> None:
        self.check_place()
        with self._engine.begin() as connection:
            for statement, rows in statements:
                if statement is upsert(SOURCES, "sqlite"):
                    _write_sources(connection, rows)
                else:
                    connection.execute(statement, rows)


def make_durable(engine: Engine) -> None:
    """Have commits be on the disk when they return, and transactions begin where we say."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _engine(file: Path) -> Engine:
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_reset_on_return=None)
    make_durable(engine)
    return engine


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    # Python's driver would begin transactions by itself, and none before a CREATE TABLE.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _write_sources(connection: Connection, rows: Sequence[Row]) -> None:
    """Write what is known of sources: the rows of nearly all that is ever written."""
    for part in parts(rows):
        values = tuple(row[name] for row in part for name in _COLUMNS)
        connection.exec_driver_sql(_wide(len(part)), values)


def parts(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Divide rows into as few parts as there are widths for."""
    first = 0
    for width in _WIDTHS:
        while len(rows) - first >= width:
            yield rows[first : first + width]
            first += width


@cache
def _wide(width: int) -> str:
    """Word an upsert of so many sources, whose values come one after the other."""
    one = str(upsert(SOURCES, "sqlite").compile(dialect=sqlite.dialect()))
    marks = f"({', '.join('?' * len(SOURCES.columns))})"
    assert one.count(marks) == 1, one  # noqa: S101 - what we reword is what we think it is
    return one.replace(marks, ", ".join([marks] * width))
