"""A store of the first release, with data in it, is brought up to this one and loses nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from collector.memory import Changes, Memory
from collector.store.events import EventQuery
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import everything

FIRST = Path(__file__).parents[4] / "data" / "stores" / "0001.sql"
"""What the first release wrote of everything that `samples` has, but for silences."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "gatewatch.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    return file


async def test_nothing_of_the_first_release_is_lost(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        memory = await load(store)
        events = await store.events(EventQuery())
        last = store.last_seqs([("pc-001", "a")])

    written = everything()
    assert isinstance(memory, Memory)
    kept = ("cells", "check_ids", "reached", "probes", "breaks", "shown", "versions")
    assert {name: getattr(memory, name) for name in kept} == {
        name: getattr(written, name) for name in kept
    }
    assert memory.silences == {}
    assert [msgspec.structs.replace(event, id=None) for event in events] == list(written.events)
    assert last == {("pc-001", "a"): 3}


async def test_it_takes_silences_from_then_on(file: Path) -> None:
    written = everything().silences
    async with Store.open(url_of(file)) as store:
        await write(store, [Changes(silences=written)])

    async with Store.open(url_of(file)) as store:
        memory = await load(store)

    assert memory is not None
    assert memory.silences == written
