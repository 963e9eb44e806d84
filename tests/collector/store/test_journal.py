"""What one collector wrote the others read: all of it, in order, or they know that they cannot."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from collector.connect_times import Spread
from collector.memory import Changes, EventKind
from collector.store import journal
from collector.store.batch import Batch, Taken
from collector.store.journal import MOST_AT_ONCE, Entry, Missed, packed
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.samples import started
from tests.collector.store.opened import load, write
from tests.collector.store.samples import NOON, everything, happened

FULL = Batch(
    changes=(everything(),),
    taken=(Taken("pc-001", "a", 7, NOON),),
    connects={"sql": Spread(total=0.5)},
)


async def missed(store: Store) -> list[Missed] | None:
    async with store.looking_on() as turn:
        return await turn.missed()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_everything_comes_over_and_once_but_for_rows_of_runs(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second:
        await load(second)
        await write(first, FULL.changes, FULL.taken, FULL.connects)

        found = await missed(second)
        again = await missed(second)

    changes = tuple(msgspec.structs.replace(one, run_rows={}) for one in FULL.changes)
    told = msgspec.structs.replace(FULL, changes=changes)
    assert FULL.changes[0].run_rows
    assert found == [Missed(1, told, frozenset())]
    assert again == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_what_a_collector_wrote_itself_it_does_not_miss(url: str) -> None:
    async with Store.open(url) as store:
        await write(store, FULL.changes)

        assert await missed(store) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_long_stories_come_in_pieces(url: str) -> None:
    number = MOST_AT_ONCE + 3
    async with Store.open(url) as first, Store.open(url) as second:
        await load(second)
        async with first._database.engine.begin() as connection:
            for one in range(1, number + 1):
                batch = Batch(taken=(Taken("pc-001", "a", one, NOON),))
                await connection.execute(*journal.added(one, batch, "elsewhere", NOON))

        pieces = [await missed(second) or [] for _ in range(3)]

    assert [len(piece) for piece in pieces] == [MOST_AT_ONCE, 3, 0]
    assert [one.id for piece in pieces for one in piece] == list(range(1, number + 1))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_who_comes_too_late_is_told_to_load_anew(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second:
        await load(second)
        for _ in range(3):
            await write(first, [Changes(events=(happened(),))])
        await first.prune(NOON + timedelta(seconds=1))

        found = await missed(second)
        await load(second)
        then = await missed(second)

    assert (found, then) == (None, [])


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_numbers_go_on_when_all_was_pruned(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second:
        await write(first, [Changes(events=(happened(),))])
        await first.prune(NOON + timedelta(days=1))
        await write(first, [Changes(events=(happened(),))])

        await load(second)
        assert await missed(second) == []
        await write(second, [Changes(events=(happened("be-01", EventKind.VERSION),))])
        assert len(await missed(first) or ()) == 1


async def test_a_store_of_one_collector_keeps_no_journal(file: Path) -> None:
    async with Store.open(url_of(file)) as store:
        await write(store, FULL.changes)
        async with store._reading() as connection:
            assert await journal.newest(connection) == 0


def test_a_plan_is_not_kept_and_that_there_was_one_is() -> None:
    plan = started().plan
    batch = Batch(changes=(Changes(), Changes(plan=plan), Changes(events=(happened(),))))

    entry = journal._decode(packed(batch))

    assert isinstance(entry, Entry)
    assert entry.replanned == {1}
    assert [one.plan for one in entry.batch.changes] == [None, None, None]
