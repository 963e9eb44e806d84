"""The first migration makes every table of the first release, and is all or nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.store import StoreUnavailable
from collector.store.sqlite import open_engine, url_of
from collector.store.store import Store

TABLES = {
    "alembic_version",
    "breaks",
    "checks",
    "events",
    "facts",
    "reached",
    "shown",
    "versions",
}


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in rows} - {"sqlite_sequence"}


async def test_it_makes_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"

    async with Store.open(url_of(file)):
        pass

    assert tables(file) >= TABLES


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"
    engine = open_engine(file)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE events (in_the_way INTEGER)")
    await engine.dispose()

    with pytest.raises(StoreUnavailable, match="table events already exists"):
        async with Store.open(url_of(file)):
            pass

    assert tables(file) == {"events"}
