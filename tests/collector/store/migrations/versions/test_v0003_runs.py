"""A store of the first release takes runs once it was brought up to this one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from collector.memory import Changes
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import OVER, everything

FIRST = Path(__file__).parents[4] / "data" / "stores" / "0001.sql"


async def test_it_has_no_runs_and_takes_them_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    written = everything()

    async with Store.open(url_of(file)) as store:
        before = await load(store)
        await write(
            store, [Changes(runs=written.runs, answers=written.answers, run_rows=written.run_rows)]
        )
    async with Store.open(url_of(file)) as store:
        after = await load(store)
        rows = await store.run_rows(OVER.id)

    assert before is not None
    assert (before.runs, before.answers) == ({}, frozenset())
    assert after is not None
    assert (after.runs, after.answers, rows) == (
        written.runs,
        written.answers,
        written.run_rows[OVER.id],
    )
