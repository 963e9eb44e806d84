"""What is begun and not committed is undone, in each database."""

import pytest

from collector.store.database import started
from collector.store.store import Store
from collector.store.tables import FACTS
from tests.collector.store.opened import rows


async def test_what_is_not_committed_is_undone(store: Store) -> None:
    before = await rows(store)

    async with store._database.turn() as held:
        connection = await started(held)
        await connection.execute(FACTS.insert(), [{"name": "phase", "value": "prepare"}])

    assert await rows(store) == before


async def test_what_fails_halfway_is_undone(store: Store) -> None:
    before = await rows(store)

    async def break_off() -> None:
        async with store._database.turn() as held:
            connection = await started(held)
            await connection.execute(FACTS.insert(), [{"name": "phase", "value": "prepare"}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()

    assert await rows(store) == before
