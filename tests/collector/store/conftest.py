"""A store of its own for each test, in each of the databases that there are."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from collector.store.sqlite import url_of
from collector.store.store import Store
from collector.store.tables import METADATA
from tests.collector import postgres

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.needs(postgres.NEEDED)))


@pytest.fixture(scope="session")
def emptied(server: postgres.Server) -> Callable[[], str]:
    """Give one database over and over, each time empty: making its tables takes longest."""
    server.run("CREATE DATABASE gatewatch")

    def empty() -> str:
        if server.run("SELECT to_regclass('alembic_version')", "gatewatch"):
            server.run(f"TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY", "gatewatch")
        return server.url("gatewatch")

    return empty


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gatewatch.db"


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, file: Path) -> str:
    if request.param == "sqlite":
        return url_of(file)
    emptied: Callable[[], str] = request.getfixturevalue("emptied")
    return emptied()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store.open(url) as opened:
        yield opened
