"""Rows become what the estate remembers."""

import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path

from collector.memory import Changes
from collector.store.store import Store
from tests.collector.store.samples import KEY, cell, everything


async def test_versions_without_an_inventory_are_no_memory(store: Store) -> None:
    await store.write([Changes(cells={KEY: cell()})])

    assert await store.load() is None


async def test_times_come_back_with_their_zone(store: Store) -> None:
    await store.write([everything()])

    memory = await store.load()

    assert memory is not None
    assert {moment.tzinfo for moment in memory.breaks.values()} == {UTC}
    assert memory.phase_since.tzinfo == UTC


async def test_the_store_can_be_read_by_people(store: Store, file: Path) -> None:
    await store.write([everything()])

    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute(
            "SELECT observed_at, json_extract(cell, '$.confirmed.outcome') FROM cells"
        ).fetchone()

    assert row == ("2026-11-23 12:00:00.123456", "open")
