"""Several collectors over one PostgreSQL are one: any of them takes, answers, and hands out."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.program import utc_now
from collector.timing import Timing
from flows.outcomes import StageTimes
from tests.collector import postgres
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY, SYSLOG, result_of
from tests.collector.serving import Caller, a_report, calling, settings_in

pytestmark = pytest.mark.needs(postgres.NEEDED)

SOON = 5.0
"""Seconds within which a replica knows what another did: one, the rest for a busy machine."""
ELSEWHERE = "console-backend:con-02>be-02:tcp/443"
BOTH_COUNTED = b'gatewatch_flow_connect_seconds_count{flow="console-backend"} 2'
Ask = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def replicas(
    folder: Path, url: str, number: int, timing: Timing | None = None
) -> AsyncIterator[list[Caller]]:
    """Run so many collectors over one database, with the machine's own clock."""
    settings = dataclasses.replace(settings_in(folder), store=url, timing=timing or Timing())
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(calling(settings, real=True)) for _ in range(number)]


@pytest.fixture
async def both(tmp_path: Path, server: postgres.Server) -> AsyncIterator[tuple[Caller, Caller]]:
    with server.database() as url:
        async with replicas(tmp_path, url, 2) as (first, second):
            yield first, second


async def soon(ask: Ask, wanted: object) -> None:
    """Ask until the answer is the wanted one; fails if it is not soon."""
    async with asyncio.timeout(SOON):
        while await ask() != wanted:
            pass


async def verdict(caller: Caller, path: str) -> str:
    rows = (await caller.get("matrix")).body["rows"]
    return next(str(row["verdict"]) for row in rows if row["path"] == path)


async def tell(caller: Caller, host: str, path: str, seq: int, stream: str = "6f1d") -> None:
    check = await caller.check_of(path)
    seen = msgspec.structs.replace(HTTPS, stages=StageTimes(connect=0.001))
    results = [result_of(check, seen, utc_now())]
    reply = await caller.send(a_report(host, results, utc_now(), stream, seq))
    assert reply.status == 200, reply.content


async def test_what_one_is_told_all_show(both: tuple[Caller, Caller]) -> None:
    first, second = both

    await tell(first, "con-01", CONSOLE, 1)
    await tell(second, "con-02", ELSEWHERE, 1)

    for caller in both:
        for path in (CONSOLE, ELSEWHERE):
            await soon(partial(verdict, caller, path), "ok")


async def test_a_probe_may_change_collectors_between_a_report_and_its_repetition(
    both: tuple[Caller, Caller],
) -> None:
    first, second = both

    await tell(first, "con-01", CONSOLE, 7)
    await tell(second, "con-01", CONSOLE, 7)

    events = (await second.get("events")).body
    assert [event["kind"] for event in events].count("probe") == 1


async def test_what_an_operator_orders_at_one_holds_at_all(both: tuple[Caller, Caller]) -> None:
    first, second = both

    order = {"phase": "prepare", "force": True, "reason": "a test"}
    assert (await first.call("PUT", "phase", order)).status == 200
    waiver = {"path": SYSLOG, "reason": "a test", "until": "2099-01-01"}
    assert (await second.call("POST", "waivers", waiver)).status == 200

    async def phase() -> str:
        return str((await second.get("phase")).body["phase"])

    async def waived() -> list[str]:
        return [one["path"] for one in (await first.get("waivers")).body if one["id"]]

    await soon(phase, "prepare")
    await soon(waived, [SYSLOG])


async def test_another_inventory_is_followed_by_all(both: tuple[Caller, Caller]) -> None:
    first, second = both
    text = INVENTORY.replace("con-02", "con-09")

    assert (await first.call("PUT", "inventory", {"inventory": text})).status == 200

    async def plan() -> bytes:
        return (await second.get("plan")).content

    await soon(plan, (await first.get("plan")).content)
    assert b"con-09" in await plan()


async def test_a_probe_that_waits_at_one_hears_of_a_run_asked_of_another(
    both: tuple[Caller, Caller],
) -> None:
    first, second = both
    known = (await second.get("assignments/con-01")).headers["ETag"]

    async def wait() -> Any:
        return await second.call(
            "GET", "assignments/con-01", query={"wait": "30"}, headers={"If-None-Match": known}
        )

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(wait())
        run = await first.call("POST", "runs", {"src": ["con-01"]})
        assert run.status == 200, run.content

    assert [one["id"] for one in waiting.result().body["runs"]] == [run.body["id"]]


async def test_the_estate_is_exposed_alike_by_all(both: tuple[Caller, Caller]) -> None:
    first, second = both
    await tell(first, "con-01", CONSOLE, 1)
    await tell(second, "con-02", ELSEWHERE, 1)

    async def page(caller: Caller) -> bytes:
        return (await caller.call("GET", "/metrics/estate")).content

    async def alike() -> bool:
        pages = [await page(caller) for caller in both]
        return pages[0] == pages[1] and BOTH_COUNTED in pages[0]

    await soon(alike, wanted=True)


async def test_a_silent_probe_is_told_of_once_by_all_together(
    tmp_path: Path, server: postgres.Server
) -> None:
    timing = Timing(interval=0.3, agent_interval=0.3, deadline=0.1, per_destination=10_000)

    async def told() -> list[tuple[str, str | None]]:
        events = (await second.get("events", kind="probe")).body
        return [(one["subject"], one["after"]) for one in reversed(events)][:3]

    with server.database() as url:
        async with replicas(tmp_path, url, 3, timing) as (first, second, _):
            await tell(first, "con-01", CONSOLE, 1)
            await soon(told, [("con-01", "0.1.0"), ("con-01", "silent")])
            await tell(second, "con-01", CONSOLE, 2)

            await soon(told, [("con-01", "0.1.0"), ("con-01", "silent"), ("con-01", "up")])


async def test_a_replica_that_was_cut_off_for_long_loads_anew(
    tmp_path: Path, server: postgres.Server
) -> None:
    with server.database() as url:
        async with replicas(tmp_path, url, 2) as (first, second):
            await tell(first, "con-01", CONSOLE, 1)
            await soon(lambda: verdict(second, CONSOLE), "ok")
            # As after hours without the database: what was written next was pruned unread.
            server.run("UPDATE journal SET id = id + 100", url.rpartition("/")[2])

            await tell(first, "con-02", ELSEWHERE, 1)

            for caller in (first, second):
                await soon(partial(verdict, caller, ELSEWHERE), "ok")
