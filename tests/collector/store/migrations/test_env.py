"""The migrations lead to the tables that the code expects."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from collector.store.schema import upgrade
from collector.store.sqlite import open_engine
from collector.store.tables import METADATA


def drift(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


async def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "some.db")
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, "some.db")
    async with engine.connect() as connection:
        found = await connection.run_sync(drift)
    await engine.dispose()

    assert found == []
