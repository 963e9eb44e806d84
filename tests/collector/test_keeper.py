"""Runs at work: a real probe hears of one, answers it, and the run ends; or nobody answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Observation, Outcome
from probe import agent
from probe.client import Access
from probe.settings import Settings
from tests.collector.samples import CONSOLE
from tests.collector.serving import Body, Caller, Moments, calling, settings_in

OPEN = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS)
CONSOLES = {"flow": ["console-backend"], "src": ["con-01"]}


@dataclass
class Today(Moments):
    """A clock that goes, for probes of this machine."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


async def begin(caller: Caller, **asked: object) -> Body:
    reply = await caller.call("POST", "runs", asked)
    assert reply.status == 200, reply.content
    return reply.body


async def until_over(caller: Caller, run: str) -> list[Body]:
    """Follow a run to its end; returns what was told."""
    told: list[Body] = []
    where = f"{caller.url}/api/v1/runs/{run}/events"
    async with asyncio.timeout(30), caller.session.get(where) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        async for line in answer.content:
            if line.startswith(b"data:"):
                told += [msgspec.json.decode(line.removeprefix(b"data:"))]
    return told


async def until_waiting(caller: Caller, probes: int) -> None:
    """Wait until so many probes hold a long-poll."""
    line = f"gatewatch_collector_long_polls {probes}.0\n".encode()
    async with asyncio.timeout(30):
        while line not in (await caller.get("/metrics/self")).content:
            pass


@asynccontextmanager
async def probe_of(host: str, url: str, folder: Path) -> AsyncIterator[list[Check]]:
    """Run a probe that sees nothing but open ports; gives what it measured."""
    measured: list[Check] = []

    async def measure(check: Check) -> Observation:
        measured.append(check)
        return OPEN

    stop = asyncio.Event()
    settings = Settings(host=host, access=Access((url,)), data=folder)
    async with asyncio.TaskGroup() as group:
        group.create_task(agent.run(settings, measure, stop, "0.1.0"))
        yield measured
        stop.set()


@pytest.fixture
async def today(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path), Today()) as caller:
        yield caller


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path)) as caller:
        yield caller


async def test_a_run_reaches_a_waiting_probe_and_is_done(today: Caller, tmp_path: Path) -> None:
    async with probe_of("con-01", today.url, tmp_path) as measured:
        await until_waiting(today, 1)
        before = len(measured)

        run = await begin(today, **CONSOLES)
        told = await until_over(today, run["id"])

    over = (await today.get(f"runs/{run['id']}")).body
    assert told[-1] == {"id": run["id"], "state": "done", "checks": 2, "done": 2}
    assert len(measured) >= before + 2
    assert (over["state"], over["silent"], over["counts"]["ok"]) == ("done", [], 2)
    assert {row["verdict"] for row in over["rows"]} == {"ok"}
    assert {row["outcome"] for row in over["rows"]} == {"open"}
    seen = (await today.get("path", path=CONSOLE)).body["observation"]
    assert seen["outcome"] == "open"


async def test_a_waiting_probe_hears_of_a_run_at_once(caller: Caller) -> None:
    known = (await caller.get("assignments/con-01")).body["revision"]
    headers = {"If-None-Match": f'"{known}"'}
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(
            caller.call("GET", "assignments/con-01", query={"wait": "30"}, headers=headers)
        )
        await until_waiting(caller, 1)

        run = await begin(caller, **CONSOLES)

        async with asyncio.timeout(5):
            told = (await poll).body

    assert [one["id"] for one in told["runs"]] == [run["id"]]
    assert told["runs"][0]["expires"] == run["expires"]
    assert set(told["runs"][0]["checks"]) <= {check["id"] for check in told["checks"]}


async def test_a_run_that_nobody_answers_expires_and_names_the_probe(caller: Caller) -> None:
    run = await begin(caller, **CONSOLES)
    caller.clock.pass_by(61)

    told = await until_over(caller, run["id"])

    over = (await caller.get(f"runs/{run['id']}")).body
    assert told[-1]["state"] == "expired"
    assert (over["silent"], over["silent_probes"], over["done"]) == (["con-01"], 1, 0)
    assert {row["answered"] for row in over["rows"]} == {False}


async def test_the_hosts_of_a_large_run_are_told_one_second_after_the_other(
    tmp_path: Path,
) -> None:
    agents = "".join(f"  px-{n:03}: {{address: 10.8.0.{n}, roles: [agent]}}\n" for n in range(60))
    listed = ", ".join(f"px-{n:03}" for n in range(60))
    inventory = (
        'migration: {name: t, from: "2.6", to: "2.7.1"}\nhosts:\n'
        f"  ah-01: {{address: 10.1.0.12, roles: [agent-handler]}}\n{agents}"
        f"handler_groups: {{hq: {{handlers: [ah-01], agents: [{listed}]}}}}\n"
    )
    async with calling(settings_in(tmp_path, inventory)) as caller:
        run = await begin(caller, flow=["agent-legacy"])
        asked = [await _asked(caller, number) for number in range(60)]
        caller.clock.pass_by(2)
        later = [await _asked(caller, number) for number in range(60)]

    assert (run["checks"], sum(asked), sum(later)) == (60, 20, 60)


async def _asked(caller: Caller, number: int) -> bool:
    return bool((await caller.get(f"assignments/px-{number:03}")).body["runs"])


async def test_runs_are_there_after_a_restart_and_those_that_wait_go_on(tmp_path: Path) -> None:
    clock = Moments()
    settings = settings_in(tmp_path)
    async with calling(settings, clock) as caller:
        over = await begin(caller, **CONSOLES)
        clock.pass_by(61)
        await until_over(caller, over["id"])
        before = (await caller.get(f"runs/{over['id']}")).body
        waiting = await begin(caller, **CONSOLES)

    async with calling(settings, clock) as caller:
        after = (await caller.get(f"runs/{over['id']}")).body
        told = (await caller.get("assignments/con-01")).body["runs"]
        clock.pass_by(61)
        last = (await until_over(caller, waiting["id"]))[-1]

    assert after == before
    assert [one["id"] for one in told] == [waiting["id"]]
    assert last["state"] == "expired"
