"""Whatever happens to a database: it is said in one sentence, nothing is lost, and it recovers."""

import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from collector.memory import Changes, InventoryText
from collector.store import StoreUnavailable, StoreUnusable, postgres
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.postgres import NEEDED, Server, held, serving
from tests.collector.store.opened import load, rows, write
from tests.collector.store.samples import NOON, everything

FULL = "database or disk is full"
LARGE = Changes(inventory=InventoryText(text="x" * 3_000_000, name="inventory.yaml"))

LITTLE = Changes(inventory=InventoryText(text="x", name="inventory.yaml"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB: a real one, that really is full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_is_said_and_recovered_from(small_disk: Path) -> None:
    file = small_disk / "gatewatch.db"
    async with Store.open(url_of(file)) as store:
        await write(store, [everything()])
        before = await rows(store)

        with pytest.raises(StoreUnavailable) as refused:
            await write(store, [LARGE])

        assert str(refused.value) == f"the store {file} cannot be written: {FULL}"
        assert await rows(store) == before

        await write(store, [LITTLE])


def remove(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    other = file.with_name("other.db")
    other.touch()
    other.replace(file)


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (remove, "No such file or directory"),
        (replace, "another file stands in its place; restart the collector"),
    ],
)
async def test_a_file_that_is_gone_takes_no_more_reports(
    file: Path, happen: Callable[[Path], None], said: str
) -> None:
    async with Store.open(url_of(file)) as store:
        await write(store, [everything()])
        happen(file)

        with pytest.raises(StoreUnavailable, match=said):
            await write(store, [everything()])


async def test_damaged_rows_are_refused_with_one_sentence(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        await write(store, [everything()])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE sources SET cells = '{\"1\": {}}'")

    async with Store.open(url_of(file)) as store:
        with pytest.raises(StoreUnusable) as refused:
            await load(store)

    assert str(refused.value) == (
        f"the store {file} is damaged: Object missing required field `confirmed`"
        " - at `$[...]`; bring back a copy of it"
    )


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server for one test, whose commits are on the disk when they return."""
    with serving("fsync=on", "max_connections=20") as server:
        yield server


@pytest.fixture
async def shared(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(postgres, "_BUSY_SECONDS", 1)
    monkeypatch.setattr(postgres, "_ANSWER_SECONDS", 3.0)
    async with Store.open(own_server.url("postgres")) as store:
        yield store


@pytest.mark.needs(NEEDED)
async def test_a_server_that_was_away_lost_nothing_and_is_found_again(
    own_server: Server, shared: Store
) -> None:
    await write(shared, [everything()])
    before = await rows(shared)
    own_server.stop()

    with pytest.raises(StoreUnavailable, match="cannot be written: "):
        await write(shared, [LITTLE])
    with pytest.raises(StoreUnavailable, match=f"postgres@127.0.0.1:{own_server.port}"):
        await shared.check(NOON)

    own_server.start()
    assert await rows(shared) == before
    await write(shared, [LITTLE])


@pytest.mark.needs(NEEDED)
async def test_a_server_that_hangs_is_not_waited_for_for_ever(
    own_server: Server, shared: Store
) -> None:
    await write(shared, [everything()])

    with own_server.frozen(), pytest.raises(StoreUnavailable, match="cannot be written: "):
        await write(shared, [LITTLE])

    await write(shared, [LITTLE])
    memory = await load(shared)
    assert memory is not None
    assert memory.inventory_text == "x"


@pytest.mark.needs(NEEDED)
async def test_a_collector_that_hangs_in_its_turn_holds_the_others_up_for_a_short_time_only(
    own_server: Server, shared: Store
) -> None:
    async with held(own_server, "postgres", 20):
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            await write(shared, [everything()])

    await write(shared, [everything()])
