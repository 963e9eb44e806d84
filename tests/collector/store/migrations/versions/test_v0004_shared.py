"""A store of one collector becomes one that several may share, and loses nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.connect_times import Spread
from collector.memory import Changes
from collector.store.batch import Taken
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import KEY, LATER, NOON, cell, everything

FIRST = Path(__file__).parents[4] / "data" / "stores" / "0001.sql"
"""What the first release wrote of everything that `samples` has, but for silences."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "gatewatch.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    return file


async def test_cells_probes_and_spools_are_taken_over(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        memory = await load(store)
        last = store.last_seqs([("pc-001", "a")])

    written = everything()
    assert memory is not None
    assert (memory.cells, memory.probes) == (written.cells, written.probes)
    assert last == {("pc-001", "a"): 3}


async def test_it_goes_on_from_there(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        await write(
            store,
            [Changes(cells={KEY: cell(LATER)})],
            [Taken("pc-001", "a", 4, NOON)],
            {"sql": Spread(total=1.5)},
        )
    async with Store.open(url_of(file)) as store:
        memory = await load(store)
        last = store.last_seqs([("pc-001", "a")])

    assert memory is not None
    assert memory.cells == {**everything().cells, KEY: cell(LATER)}
    assert memory.connects == {"sql": Spread(total=1.5)}
    assert last == {("pc-001", "a"): 4}
