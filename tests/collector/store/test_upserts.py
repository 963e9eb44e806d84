"""Rows are replaced or added by their key, in each database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.store.store import Store
from collector.store.upserts import upsert

SHELF = Table("shelf", MetaData(), Column("id", Integer, primary_key=True), Column("word", Text))
KEYS = Table("keys", MetaData(), Column("id", Integer, primary_key=True))


@pytest.fixture
async def connection(store: Store) -> AsyncIterator[AsyncConnection]:
    async with store._database.engine.connect() as connection:
        await connection.run_sync(SHELF.metadata.create_all)
        await connection.run_sync(KEYS.metadata.create_all)
        yield connection


async def test_an_upsert_replaces_or_adds(connection: AsyncConnection) -> None:
    statement = upsert(SHELF, connection.dialect.name)
    await connection.execute(statement, [{"id": 1, "word": "a"}, {"id": 2, "word": "b"}])
    await connection.execute(statement, [{"id": 2, "word": "c"}, {"id": 3, "word": "d"}])

    words = await connection.execute(select(SHELF.c.word).order_by(SHELF.c.id))

    assert words.scalars().all() == ["a", "c", "d"]


async def test_an_upsert_of_nothing_but_keys_leaves_them(connection: AsyncConnection) -> None:
    for _ in range(2):
        await connection.execute(upsert(KEYS, connection.dialect.name), [{"id": 1}])

    found = await connection.execute(select(KEYS.c.id))

    assert found.scalars().all() == [1]
