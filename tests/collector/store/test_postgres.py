"""PostgreSQL as a store: how it is named, that its password stays secret, and who hears whom."""

import asyncio
import sys

import pytest

from collector.memory import Changes
from collector.store import StoreUnusable
from collector.store.postgres import Postgres, url_named
from collector.store.store import Store
from tests.collector import postgres
from tests.collector.store.opened import write
from tests.collector.store.samples import happened


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("postgresql://gw@db.acme.example/gatewatch", "postgresql://gw@db.acme.example/gatewatch"),
        ("postgres://gw:s3cret@db:5433/gatewatch", "postgresql://gw@db:5433/gatewatch"),
        ("postgresql:///gatewatch?host=/run/pg", "postgresql:///gatewatch?host=%2Frun%2Fpg"),
        ("postgresql://db.acme.example", None),
        ("postgresql://db:port/gatewatch", None),
        ("sqlite:///var/lib/x.db", None),
        ("mysql://db/gatewatch", None),
    ],
)
async def test_a_url_names_a_database_and_never_shows_its_password(
    word: str, shown: str | None
) -> None:
    url = url_named(word)
    if url is None:
        assert shown is None
        return

    async with Postgres.open(url) as database:
        assert database.name == shown


async def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(StoreUnusable) as refused:
        async with Store.open("postgresql://db/gatewatch"):
            pass

    assert str(refused.value) == "a store in PostgreSQL needs: pip install 'gatewatch[postgres]'"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_whoever_listens_hears_of_others_at_once(url: str) -> None:
    async with Store.open(url) as first, Store.open(url) as second, asyncio.TaskGroup() as tasks:
        heard = asyncio.Event()
        following = tasks.create_task(second.follow(heard.set))
        await heard.wait()  # it polls even before anything happened
        heard.clear()

        await write(first, [Changes(events=(happened(),))])

        await heard.wait()
        following.cancel()


@pytest.mark.needs(postgres.NEEDED)
async def test_collectors_that_start_at_once_make_the_tables_once(server: postgres.Server) -> None:
    async def start(url: str) -> None:
        async with Store.open(url):
            pass

    with server.database() as url:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(start(url))
