"""Nobody writes while another does, and each takes in first what the others wrote."""

import asyncio
from datetime import timedelta

import pytest

from collector.memory import Changes
from collector.store import StoreUnavailable
from collector.store.batch import Batch, Last, Taken
from collector.store.store import Store
from collector.store.turn import GONE, Known
from tests.collector.store.opened import load, rows, write
from tests.collector.store.samples import LATER, NOON, everything, happened


async def test_a_turn_that_writes_nothing_leaves_nothing(store: Store) -> None:
    before = await rows(store)

    async with store.turn() as turn:
        await turn.load()

    assert await rows(store) == before


async def test_a_turn_that_breaks_off_leaves_nothing(store: Store) -> None:
    await write(store, [everything()])
    before = await rows(store)
    doubled = Batch(changes=(Changes(events=(happened(),), check_ids={("x", "y", "tcp", 1): 1}),))

    with pytest.raises(StoreUnavailable):
        async with store.turn() as turn:
            await turn.write(doubled, {}, NOON)

    assert await rows(store) == before


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_one_waits_for_the_other(url: str) -> None:
    order: list[str] = []
    async with Store.open(url) as first, Store.open(url) as second:
        entered = asyncio.Event()

        async def take_turn() -> None:
            entered.set()
            async with second.turn() as turn:
                order.append("second")
                assert [one.batch for one in await turn.missed() or ()] == [batch]

        batch = Batch(changes=(Changes(events=(happened(),)),))
        async with asyncio.TaskGroup() as tasks, first.turn() as turn:
            tasks.create_task(take_turn())
            await entered.wait()
            order.append("first")
            await turn.write(batch, {}, NOON)

    assert order == ["first", "second"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_who_has_not_taken_in_what_others_wrote_cannot_write(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second:
        await write(first, [Changes(events=(happened(),))])

        with pytest.raises(StoreUnavailable, match="pk_journal"):
            async with second.turn() as turn:
                await turn.write(Batch(changes=(Changes(events=(happened(),)),)), {}, NOON)

        assert len((await rows(first))["events"]) == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_reports_that_another_took_are_known(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second:
        await load(second)
        await write(first, taken=[Taken("pc-001", "a", 7, NOON)])

        async with second.looking_on() as turn:
            await turn.missed()

        assert second.last_seqs([("pc-001", "a")]) == {("pc-001", "a"): 7}


def test_of_each_spool_the_highest_number_counts() -> None:
    known = Known(origin="")

    found = known.with_taken([Taken("pc-001", "a", seq, NOON) for seq in (3, 5, 4)])

    assert found == {"pc-001": {"a": Last(5, NOON)}}
    assert known.streams == {}


def test_spools_of_long_ago_are_forgotten_when_their_host_reports() -> None:
    old, new = Last(9, NOON), Last(1, LATER)
    known = Known(origin="", streams={"pc-001": {"old": old, "new": new}, "pc-002": {"x": old}})

    found = known.with_taken([Taken("pc-001", "new", 2, NOON + GONE + timedelta(seconds=1))])

    assert set(found) == {"pc-001"}
    assert set(found["pc-001"]) == {"new"}
