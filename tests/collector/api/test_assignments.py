"""A probe hears what it has to measure, and at once when that changes."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from collector.program import serving
from collector.settings import Limits
from flows.messages import Assignment, Facts
from tests.collector.samples import INVENTORY
from tests.collector.serving import (
    Caller,
    Moments,
    Reply,
    calling,
    seen_by_console,
    settings_in,
)

OTHER = INVENTORY.replace("10.1.0.12", "10.1.0.13")


async def tag_of(caller: Caller, host: str = "con-01") -> str:
    return (await caller.get(f"assignments/{host}")).headers["ETag"]


async def poll(caller: Caller, tag: str, seconds: float, host: str = "con-01") -> Reply:
    headers = {"If-None-Match": tag}
    query = {"wait": str(seconds)}
    return await caller.call("GET", f"assignments/{host}", headers=headers, query=query)


async def until_waiting(caller: Caller, count: int) -> None:
    """Wait until so many polls are held; each look takes its turn in the collector."""
    wanted = f"gatewatch_collector_long_polls {count}.0".encode()
    async with asyncio.timeout(10):
        while wanted not in (await caller.get("/metrics/self")).content:
            pass


async def test_a_probe_is_told_what_to_measure(caller: Caller) -> None:
    reply = await caller.get("assignments/con-01")

    assignment = Assignment(**reply.body)
    assert reply.headers["ETag"] == f'"{assignment.revision}"'
    assert reply.headers["Cache-Control"] == "no-store"
    assert {(check["address"], check["port"]) for check in reply.body["checks"]} >= {
        ("be-02.acme.example", 443),
        ("10.1.0.40", 8642),
    }


async def test_a_probe_that_has_it_already_is_told_so(caller: Caller) -> None:
    tag = await tag_of(caller)

    reply = await poll(caller, tag, 0)

    assert (reply.status, reply.content, reply.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("known", ['"another"', "garbage", '""'])
async def test_a_probe_that_has_another_one_is_not_kept_waiting(caller: Caller, known: str) -> None:
    assert (await poll(caller, known, 55)).status == 200


async def test_a_poll_ends_when_nothing_changes(caller: Caller) -> None:
    tag = await tag_of(caller)

    assert (await poll(caller, tag, 0.05)).status == 304


async def test_a_poll_is_answered_at_once_when_the_inventory_changes(caller: Caller) -> None:
    tag = await tag_of(caller, "pc-001")
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(poll(caller, tag, 55, "pc-001"))
        unchanged = tasks.create_task(poll(caller, await tag_of(caller), 1))
        await until_waiting(caller, 2)

        await caller.call("PUT", "inventory", {"inventory": OTHER})

    reply = waiting.result()
    assert "10.1.0.13" in {check["address"] for check in reply.body["checks"]}
    assert reply.headers["ETag"] != tag
    assert unchanged.result().status == 304


async def test_a_poll_is_answered_when_its_probe_says_that_it_runs_on_windows(
    caller: Caller,
) -> None:
    tag = await tag_of(caller)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(poll(caller, tag, 55))
        await until_waiting(caller, 1)

        await caller.report("con-01", seen_by_console(), facts=Facts(os="windows"))

    assert {check["deadline"] for check in waiting.result().body["checks"]} == {5.0}


async def test_a_change_that_leaves_an_assignment_alone_does_not_end_its_poll(
    caller: Caller,
) -> None:
    tag = await tag_of(caller)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(poll(caller, tag, 0.5))
        await until_waiting(caller, 1)

        await caller.call("PATCH", "hosts", {"glob": "be-*", "version": "2.7.1"})

        assert not waiting.done()

    assert waiting.result().status == 304


async def test_a_host_that_leaves_the_inventory_ends_its_poll(caller: Caller) -> None:
    tag = await tag_of(caller, "con-02")
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(poll(caller, tag, 55, "con-02"))
        await until_waiting(caller, 1)

        left = "".join(line for line in INVENTORY.splitlines(keepends=True) if "con-02" not in line)
        await caller.call("PUT", "inventory", {"inventory": left})

    assert waiting.result().problem[:2] == (404, "unknown-host")


async def test_a_collector_that_ends_lets_its_polls_go(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with (
        aiohttp.ClientSession() as session,
        asyncio.timeout(10),
        asyncio.TaskGroup() as tasks,
        serving(settings, Moments()) as url,
    ):
        caller = Caller(url, session, Moments(), tmp_path / "gatewatch.db")
        waiting = tasks.create_task(poll(caller, await tag_of(caller), 55))
        await until_waiting(caller, 1)

    assert waiting.result().status == 304


async def test_more_polls_than_the_limit_are_told_to_come_back(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, limits=Limits(long_polls=1))
    async with asyncio.timeout(10), calling(settings) as caller:
        tag = await tag_of(caller)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poll(caller, tag, 0.5))
            await until_waiting(caller, 1)

            reply = await poll(caller, tag, 55)

    assert reply.problem == (
        429,
        "too-many-polls",
        "1 probes wait already (limits.long_polls): ask again later",
    )
    assert reply.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("host", "slug", "detail"),
    [
        (
            "con-1",
            "unknown-host",
            "no host is named 'con-1' in the inventory (did you mean 'con-01'?)",
        ),
        ("%2e%2e%2fetc", "unknown-host", "no host is named '../etc' in the inventory"),
        ("sql-01", "no-probe", "sql-01 has no role that measures anything, so it has no probe"),
    ],
)
async def test_a_host_without_a_probe_has_no_assignment(
    caller: Caller, host: str, slug: str, detail: str
) -> None:
    assert (await caller.get(f"assignments/{host}")).problem == (404, slug, detail)


@pytest.mark.parametrize("wait", ["-1", "301", "nan", "inf", "soon", ""])
async def test_a_wait_that_makes_no_sense_is_declined(caller: Caller, wait: str) -> None:
    reply = await caller.get("assignments/con-01", wait=wait)

    assert reply.problem[:2] == (400, "bad-query")
    assert "`$.wait`" in reply.problem[2]
