"""A store of the first release knows no silence that was told, and keeps them from then on."""

import sqlite3
from contextlib import closing
from pathlib import Path

from collector.memory import Changes, Unheard
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import LATER, NOON

FIRST = Path(__file__).parents[4] / "data" / "stores" / "0001.sql"
SILENT = Unheard(since=NOON, back=LATER, maintained=True)


async def test_it_knows_none_and_takes_them_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))

    async with Store.open(url_of(file)) as store:
        before = await load(store)
        await write(store, [Changes(unheard={"pc-001": SILENT, "pc-002": SILENT})])
    async with Store.open(url_of(file)) as store:
        held = await load(store)
        await write(store, [Changes(unheard={"pc-001": None})])
        after = await load(store)

    assert before is not None
    assert before.unheard == {}
    assert held is not None
    assert held.unheard == {"pc-001": SILENT, "pc-002": SILENT}
    assert after is not None
    assert after.unheard == {"pc-002": SILENT}
