"""A store is brought up to this release, or refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.store import StoreUnavailable, StoreUnusable
from collector.store.schema import MIGRATIONS
from collector.store.sqlite import url_of
from collector.store.store import Store


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return found


def content(file: Path) -> bytes:
    return file.read_bytes()


@pytest.fixture
def no_store(file: Path) -> bytes:
    file.write_text("hosts: {}\n" * 100)
    return file.read_bytes()


async def test_an_empty_file_gets_every_table(file: Path) -> None:
    async with Store.open(url_of(file)):
        pass

    assert revision(file) == "0006"


async def test_a_store_of_this_release_is_left_as_it_is(file: Path) -> None:
    async with Store.open(url_of(file)):
        pass
    before = content(file)

    async with Store.open(url_of(file)):
        pass

    assert content(file) == before


async def test_a_store_of_a_newer_release_is_refused_and_left_alone(file: Path) -> None:
    async with Store.open(url_of(file)):
        pass
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0815'")

    with pytest.raises(StoreUnusable) as refused:
        async with Store.open(url_of(file)):
            pass

    assert str(refused.value) == (
        f"the store {file} was made by a newer release (its schema is 0815): install that"
        " release, or name another store"
    )
    assert revision(file) == "0815"


async def test_a_file_that_is_no_store_is_refused(file: Path, no_store: bytes) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened: file is not a database"):
        async with Store.open(url_of(file)):
            pass

    assert content(file) == no_store


def test_the_migrations_stand_beside_the_code() -> None:
    assert (MIGRATIONS / "env.py").is_file()
