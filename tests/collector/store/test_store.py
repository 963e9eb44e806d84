"""What was written is there after a restart, all of it or nothing; in each database."""

import msgspec
import pytest

from collector.connect_times import Spread
from collector.memory import Changes, Memory, PhaseSet
from collector.run_rows import packed
from collector.runs import RunState
from collector.store import StoreUnavailable, StoreUnusable
from collector.store.batch import Taken
from collector.store.events import EventQuery
from collector.store.store import Store
from collector.store.turn import GONE
from flows.phases import Phase
from tests.collector.store.opened import load, rows, write
from tests.collector.store.samples import (
    KEY,
    LATER,
    NOON,
    OTHER,
    OVER,
    ROW,
    RUNNING,
    cell,
    everything,
    happened,
)

SPREADS = {"sql": Spread(counts=(1, *[0] * 12), total=0.0005)}


async def test_an_empty_store_remembers_nothing(store: Store) -> None:
    assert await load(store) is None


async def test_everything_is_there_after_a_restart(url: str) -> None:
    written = everything()
    async with Store.open(url) as store:
        await write(store, [written], connects=SPREADS)

    async with Store.open(url) as store:
        memory = await load(store)

    assert memory == Memory(
        inventory_text="hosts: {é}\n",
        inventory_name="inventory.yaml",
        phase=Phase.BASELINE,
        phase_since=NOON,
        versions={host: version for host, version in written.versions.items() if version},
        shown=written.shown,
        cells=written.cells,
        check_ids=written.check_ids,
        reached=written.reached,
        probes=written.probes,
        unheard={host: one for host, one in written.unheard.items() if one},
        breaks={key: since for key, since in written.breaks.items() if since},
        silences={name: silence for name, silence in written.silences.items() if silence},
        runs={name: run for name, run in written.runs.items() if run},
        answers=written.answers,
        connects=SPREADS,
    )


async def test_later_decisions_of_a_batch_stand_above_earlier_ones(store: Store) -> None:
    await write(store, [everything(), Changes(cells={KEY: cell(LATER)}, breaks={KEY: None})])

    memory = await load(store)

    assert memory is not None
    assert memory.cells[KEY].observed_at == LATER
    assert memory.breaks == {OTHER: LATER}


async def test_what_is_no_more_is_removed(store: Store) -> None:
    await write(store, [everything()])

    await write(
        store,
        [
            Changes(
                versions={"be-01": None},
                breaks={KEY: None},
                silences={"1a2b3c4d": None},
                forgotten=frozenset({KEY}),
            )
        ],
    )

    memory = await load(store)
    assert memory is not None
    assert (set(memory.versions), set(memory.breaks), set(memory.cells)) == (
        {"be-02"},
        {OTHER},
        {OTHER},
    )
    assert memory.check_ids == {KEY: 1, OTHER: 2}


async def test_a_run_that_is_over_keeps_its_rows_and_no_answers(store: Store) -> None:
    await write(store, [everything()])
    over = msgspec.structs.replace(RUNNING, state=RunState.DONE, asked=())

    rows = packed([ROW, ROW])
    await write(store, [Changes(runs={RUNNING.id: over}, run_rows={RUNNING.id: rows})])

    memory = await load(store)
    assert memory is not None
    assert (memory.runs[RUNNING.id], memory.answers) == (over, frozenset())
    assert await store.run_rows(RUNNING.id) == rows


async def test_a_run_that_is_forgotten_leaves_nothing(store: Store) -> None:
    await write(store, [everything()])

    await write(store, [Changes(runs={OVER.id: None, RUNNING.id: None})])

    assert await store.run_rows(OVER.id) is None
    left = await rows(store)
    assert [left[name] for name in ("runs", "run_answers", "run_rows")] == [[], [], []]


async def test_the_last_report_of_each_spool_is_known(store: Store) -> None:
    await write(
        store,
        [],
        [
            Taken("pc-001", "a", 7, NOON),
            Taken("pc-001", "a", 8, NOON),
            Taken("pc-001", "b", 1, NOON),
            Taken("pc-002", "a", 5, NOON),
        ],
    )

    found = store.last_seqs([("pc-001", "a"), ("pc-002", "a"), ("pc-003", "a")])

    assert found == {("pc-001", "a"): 8, ("pc-002", "a"): 5}


async def test_spools_of_long_ago_are_forgotten(store: Store) -> None:
    later = NOON + GONE
    await write(store, taken=[Taken("pc-001", "old", 7, NOON), Taken("pc-001", "new", 1, LATER)])

    await write(store, taken=[Taken("pc-001", "new", 2, later)])

    await load(store)
    assert store.last_seqs([("pc-001", "old"), ("pc-001", "new")]) == {("pc-001", "new"): 2}


async def test_a_write_that_fails_leaves_nothing_of_itself(store: Store) -> None:
    await write(store, [everything()], [Taken("pc-001", "a", 1, NOON)])
    before = await rows(store)
    doubled = Changes(events=(happened(),), check_ids={("x", "y", "tcp", 1): 1})

    with pytest.raises(StoreUnavailable, match=r"cannot be written: .*(UNIQUE|unique) constraint"):
        await write(store, [doubled], [Taken("pc-001", "a", 2, NOON)])

    assert await rows(store) == before


async def test_another_database_is_refused() -> None:
    with pytest.raises(StoreUnusable, match="this is no store: write sqlite:///"):
        async with Store.open("mysql://x/y"):
            pass


async def test_events_outlive_a_restart_and_keep_their_ids(url: str) -> None:
    async with Store.open(url) as store:
        await write(store, [Changes(events=(happened(), happened(at=LATER)))])

    async with Store.open(url) as store:
        await write(store, [Changes(phase=PhaseSet(phase=Phase.PREPARE, since=LATER))])
        found = await store.events(EventQuery())

    assert [(event.id, event.at) for event in found] == [(2, LATER), (1, NOON)]


async def test_the_newest_event_is_the_one_that_was_written_last(store: Store) -> None:
    none = await store.newest_event()

    await write(store, [Changes(events=(happened(), happened()))])

    assert (none, await store.newest_event()) == (0, 2)
