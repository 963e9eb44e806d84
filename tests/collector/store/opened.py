"""What tests do with an open store: write to it, read it back, and look at all of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from collector.connect_times import Spread
from collector.memory import Changes, Memory
from collector.store.batch import Batch, Source, Taken
from collector.store.store import Store
from collector.store.tables import METADATA
from tests.collector.store.samples import NOON


async def write(
    store: Store,
    changes: Sequence[Changes] = (),
    taken: Sequence[Taken] = (),
    connects: dict[str, Spread] | None = None,
) -> None:
    """Write a batch in a turn of its own, once all that others wrote is known."""
    batch = Batch(changes=tuple(changes), taken=tuple(taken), connects=connects or {})
    async with store.turn() as turn:
        while await turn.missed():
            pass
        memory = await turn.load()
        await turn.write(batch, sources(memory, batch), NOON)


def sources(memory: Memory | None, batch: Batch) -> dict[str, Source]:
    """Lay a batch over what was there, as the estate does."""
    cells = dict(memory.cells) if memory else {}
    ids = dict(memory.check_ids) if memory else {}
    probes = dict(memory.probes) if memory else {}
    for one in batch.changes:
        cells.update(one.cells)
        ids.update(one.check_ids)
        probes.update(one.probes)
        cells = {key: cell for key, cell in cells.items() if key not in one.forgotten}
    hosts = {key[0] for key in ids} | {one.host for one in batch.taken} | set(probes)
    return {
        host: Source(
            {ids[key]: cell for key, cell in cells.items() if key[0] == host}, probes.get(host)
        )
        for host in hosts
    }


async def load(store: Store) -> Memory | None:
    """Read all that survives a restart."""
    async with store.turn() as turn:
        return await turn.load()


async def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Take down every row, by table; but for the journal, which tells of nothing else."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store._reading() as connection:
        for table in METADATA.sorted_tables:
            if table.name != "journal":
                every = await connection.execute(select(table).order_by(*table.primary_key))
                found[table.name] = [tuple(row) for row in every]
    return found
