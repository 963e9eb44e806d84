"""What was written is there after a restart, all of it or nothing."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from collector.memory import Changes, InventoryText, Memory, PhaseSet
from collector.runs import RunState
from collector.store import StoreUnavailable, StoreUnusable
from collector.store.events import EventQuery
from collector.store.store import Store
from collector.store.writing import Taken
from flows.phases import Phase
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


def rows(file: Path) -> list[str]:
    """Dump everything that a store holds."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def remove(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    other = file.with_name("other.db")
    other.touch()
    other.replace(file)


async def test_an_empty_store_remembers_nothing(store: Store) -> None:
    assert await store.load() is None


async def test_everything_is_there_after_a_restart(url: str) -> None:
    written = everything()
    async with Store.open(url) as store:
        await store.write([written])

    async with Store.open(url) as store:
        memory = await store.load()

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
        breaks={key: since for key, since in written.breaks.items() if since},
        silences={name: silence for name, silence in written.silences.items() if silence},
        runs={name: run for name, run in written.runs.items() if run},
        answers=written.answers,
    )


async def test_later_decisions_of_a_batch_stand_above_earlier_ones(store: Store) -> None:
    await store.write([everything(), Changes(cells={KEY: cell(LATER)}, breaks={KEY: None})])

    memory = await store.load()

    assert memory is not None
    assert memory.cells[KEY].observed_at == LATER
    assert memory.breaks == {OTHER: LATER}


async def test_what_is_no_more_is_removed(store: Store) -> None:
    await store.write([everything()])

    await store.write(
        [
            Changes(
                versions={"be-01": None},
                breaks={KEY: None},
                silences={"1a2b3c4d": None},
                forgotten=frozenset({KEY}),
            )
        ]
    )

    memory = await store.load()
    assert memory is not None
    assert (set(memory.versions), set(memory.breaks), set(memory.cells)) == (
        {"be-02"},
        {OTHER},
        {OTHER},
    )
    assert memory.check_ids == {KEY: 1, OTHER: 2}


async def test_an_older_observation_never_overwrites_a_newer_one(store: Store) -> None:
    await store.write([everything(), Changes(cells={KEY: cell(LATER)})])

    await store.write([Changes(cells={KEY: cell(NOON)})])

    memory = await store.load()
    assert memory is not None
    assert memory.cells[KEY].observed_at == LATER


async def test_a_run_that_is_over_keeps_its_rows_and_no_answers(store: Store) -> None:
    await store.write([everything()])
    over = msgspec.structs.replace(RUNNING, state=RunState.DONE, asked=())

    await store.write([Changes(runs={RUNNING.id: over}, run_rows={RUNNING.id: (ROW, ROW)})])

    memory = await store.load()
    assert memory is not None
    assert (memory.runs[RUNNING.id], memory.answers) == (over, frozenset())
    assert await store.run_rows(RUNNING.id) == [ROW, ROW]


async def test_a_run_that_is_forgotten_leaves_nothing(store: Store, file: Path) -> None:
    await store.write([everything()])

    await store.write([Changes(runs={OVER.id: None, RUNNING.id: None})])

    assert await store.run_rows(OVER.id) == []
    assert not [row for row in rows(file) if row.startswith('INSERT INTO "run')]


async def test_the_last_report_of_each_spool_is_known(store: Store) -> None:
    await store.write(
        [],
        [
            Taken("pc-001", "a", 7, NOON),
            Taken("pc-001", "a", 8, NOON),
            Taken("pc-001", "b", 1, NOON),
            Taken("pc-002", "a", 5, NOON),
        ],
    )

    found = await store.last_seqs([("pc-001", "a"), ("pc-002", "a"), ("pc-003", "a")])

    assert found == {("pc-001", "a"): 8, ("pc-002", "a"): 5}


async def test_spools_of_long_ago_are_forgotten(store: Store) -> None:
    await store.write([], [Taken("pc-001", "old", 7, NOON), Taken("pc-001", "new", 1, LATER)])

    await store.forget_streams(before=NOON + timedelta(seconds=1))

    assert await store.last_seqs([("pc-001", "old"), ("pc-001", "new")]) == {("pc-001", "new"): 1}


async def test_a_write_that_fails_leaves_nothing_of_itself(store: Store, file: Path) -> None:
    await store.write([everything()], [Taken("pc-001", "a", 1, NOON)])
    before = rows(file)
    doubled = Changes(events=(happened(),), check_ids={("x", "y", "tcp", 1): 1})

    with pytest.raises(StoreUnavailable, match="cannot be written: UNIQUE constraint failed"):
        await store.write([doubled], [Taken("pc-001", "a", 2, NOON)])

    assert rows(file) == before


async def test_a_full_disk_is_said_and_recovered_from(store: Store, file: Path) -> None:
    await store.write([everything()])
    async with store._engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")
    before = rows(file)
    large = Changes(inventory=InventoryText(text="x" * 1_000_000, name="inventory.yaml"))

    with pytest.raises(StoreUnavailable) as refused:
        await store.write([large])

    assert str(refused.value) == f"the store {file} cannot be written: database or disk is full"
    assert rows(file) == before

    async with store._engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    await store.write([large])


async def test_a_file_that_was_removed_takes_no_more_reports(store: Store, file: Path) -> None:
    await store.write([everything()])
    remove(file)

    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        await store.write([everything()])


async def test_a_file_that_was_replaced_takes_no_more_reports(store: Store, file: Path) -> None:
    await store.write([everything()])
    replace(file)

    with pytest.raises(StoreUnavailable, match="another file stands in its place"):
        await store.write([everything()])


async def test_damaged_rows_are_refused_with_one_sentence(url: str, file: Path) -> None:
    async with Store.open(url) as store:
        await store.write([everything()])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE cells SET cell = '{}'")

    async with Store.open(url) as store:
        with pytest.raises(StoreUnusable) as refused:
            await store.load()

    assert str(refused.value) == (
        f"the store {file} is damaged: Object missing required field `confirmed`;"
        " bring back a copy of it"
    )


async def test_another_database_is_refused() -> None:
    with pytest.raises(StoreUnusable, match="'mysql://x/y' is not a store such as sqlite:///"):
        async with Store.open("mysql://x/y"):
            pass


async def test_events_outlive_a_restart_and_keep_their_ids(url: str) -> None:
    async with Store.open(url) as store:
        await store.write([Changes(events=(happened(), happened(at=LATER)))])

    async with Store.open(url) as store:
        await store.write([Changes(phase=PhaseSet(phase=Phase.PREPARE, since=LATER))])
        found = await store.events(EventQuery())

    assert [(event.id, event.at) for event in found] == [(2, LATER), (1, NOON)]


async def test_the_newest_event_is_the_one_that_was_written_last(store: Store) -> None:
    none = await store.newest_event()

    await store.write([Changes(events=(happened(), happened()))])

    assert (none, await store.newest_event()) == (0, 2)
