"""SQLite as a store: its file, its safety settings, and who may have it."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncEngine

from collector.store import StoreUnavailable, StoreUnusable
from collector.store.sqlite import claimed, file_of, open_engine, url_of

SHELF = Table("shelf", MetaData(), Column("id", Integer, primary_key=True), Column("word", Text))
KEYS = Table("keys", MetaData(), Column("id", Integer, primary_key=True))


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/lib/gatewatch/gatewatch.db", "/var/lib/gatewatch/gatewatch.db"),
        ("sqlite:////var/lib/gatewatch/gatewatch.db", "/var/lib/gatewatch/gatewatch.db"),
        ("sqlite:///x", "/x"),
        ("sqlite:///x/", None),
        ("sqlite:///C:/ProgramData/Gatewatch/g.db", "C:/ProgramData/Gatewatch/g.db"),
        ("sqlite:///srv/two%20words.db", "/srv/two words.db"),
        ("sqlite://gatewatch.db", None),
        ("sqlite:///", None),
        ("sqlite:///x.db?mode=memory", None),
        ("postgresql://db/gatewatch", None),
    ],
)
def test_a_url_names_an_absolute_file(url: str, file: str | None) -> None:
    assert file_of(url) == (Path(file) if file else None)


@pytest.mark.parametrize("name", ["gatewatch.db", "two words.db", "50%.db", "é.db"])
def test_a_file_has_a_url_that_names_it(tmp_path: Path, name: str) -> None:
    assert file_of(url_of(tmp_path / name)) == tmp_path / name


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"

    with claimed(file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_collector_is_kept_out(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"

    with claimed(file), pytest.raises(StoreUnusable) as refused, claimed(file):
        pass

    assert str(refused.value) == (
        f"the store {file} is in use by another collector: stop it, or name another file"
    )


def test_the_claim_ends_with_its_collector(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"

    with claimed(file):
        pass
    with claimed(file):
        pass


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "gatewatch.db"

    with pytest.raises(StoreUnavailable) as refused, claimed(file):
        pass

    assert str(refused.value) == (
        f"the store {file} cannot be opened: No such file or directory;"
        " it needs a folder we may use"
    )


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncEngine:
    engine = open_engine(tmp_path / "some.db")
    async with engine.begin() as connection:
        await connection.run_sync(SHELF.metadata.create_all)
        await connection.run_sync(KEYS.metadata.create_all)
    return engine


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
async def test_a_commit_is_on_the_disk(engine: AsyncEngine, pragma: str, value: int | str) -> None:
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one()
    await engine.dispose()

    assert found == value


async def test_tables_are_made_in_the_transaction_too(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE undone (id INTEGER)")
        await connection.rollback()
        tables = await connection.exec_driver_sql("SELECT name FROM sqlite_master")
        names = tables.scalars().all()
    await engine.dispose()

    assert "undone" not in names
    assert "shelf" in names
