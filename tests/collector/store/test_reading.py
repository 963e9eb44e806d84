"""Rows become what the estate remembers."""

import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path

from collector.memory import Changes
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import KEY, cell, everything


async def test_versions_without_an_inventory_are_no_memory(store: Store) -> None:
    await write(store, [Changes(check_ids={KEY: 1}, cells={KEY: cell()})])

    assert await load(store) is None


async def test_times_come_back_with_their_zone(store: Store) -> None:
    await write(store, [everything()])

    memory = await load(store)

    assert memory is not None
    assert {moment.tzinfo for moment in memory.breaks.values()} == {UTC}
    assert memory.phase_since.tzinfo == UTC


async def test_the_store_can_be_read_by_people(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        await write(store, [everything()])

    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute(
            "SELECT src, port, json_extract(cells, '$.' || id || '.confirmed.outcome')"
            " FROM sources JOIN checks ON src = host"
        ).fetchone()

    assert row == ("pc-001", 443, "open")
