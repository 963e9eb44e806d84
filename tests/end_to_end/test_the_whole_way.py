"""Inventory, plan, probes, collector, metrics, gate: all of it real, on sockets of loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.collector.metrics.pages import ends, value
from tests.end_to_end.stage import NETWORK, Collector, Stage, until

OK, BROKEN = "gatewatch_path_ok", "gatewatch_path_broken"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def becomes_ready(collector: Collector, phase: str) -> None:
    async def is_ready() -> bool:
        state: str = (await collector.get(f"gates/{phase}"))["state"]
        return state == "READY"

    await until(is_ready)


async def test_a_break_goes_all_the_way_to_the_gate_and_so_does_its_repair(stage: Stage) -> None:
    path, here = stage.console_path, 'phase="baseline"'
    async with stage.services() as services, stage.collector() as collector, stage.probes():
        await becomes_ready(collector, "baseline")
        assert await collector.run("gate", "baseline") == 0
        before = await collector.row(path)

        await services.close(stage.web)
        broken = await collector.becomes(path, "broken")

        assert (before["outcome"], before["identity"]) == ("open", "verified")
        assert (broken["outcome"], broken["reason"]) == (
            "refused",
            f"{NETWORK}.1.11 refused the connection",
        )
        assert [one["kind"] for one in await collector.events_of(path)] == ["suspect", "turn"]
        text = await collector.metrics()
        assert value(text, OK, here, ends(path)) == 0
        assert value(text, BROKEN, here, ends(path)) == 1
        assert value(text, "gatewatch_phase_ready", "baseline") == 0
        assert await collector.run("gate", "baseline") == 1

        await services.open(stage.web)
        await collector.becomes(path, "ok")
        await becomes_ready(collector, "baseline")

        assert value(await collector.metrics(), BROKEN, here, ends(path)) == 0
        assert await collector.run("gate", "baseline") == 0


async def test_every_path_of_the_plan_is_measured_and_told_to_prometheus(stage: Stage) -> None:
    async with stage.services(), stage.collector() as collector, stage.probes():
        await becomes_ready(collector, "prepare")

        text = await collector.metrics()

    for path in (stage.console_path, stage.sql_path):
        assert value(text, OK, 'phase="prepare"', ends(path)) == 1
        rtt = value(text, "gatewatch_path_rtt_seconds", ends(path))
        assert rtt is not None
        assert 0 < rtt < 1
    assert value(text, "gatewatch_group_agents", 'state="served"') == 1
    permitted = value(
        text, "gatewatch_agent_paths", 'phase="prepare"', 'flow="agent"', 'verdict="ok"'
    )
    assert permitted == 1
    assert value(text, "gatewatch_certificate_expiry_timestamp_seconds", "con-01") is not None
    assert value(text, "gatewatch_probe_up", "con-01") == 1


async def test_a_restart_loses_nothing(stage: Stage) -> None:
    path = stage.console_path
    async with stage.services() as services:
        async with stage.collector() as collector:
            async with stage.probes():
                await becomes_ready(collector, "prepare")
                assert await collector.run("phase", "set", "prepare") == 0
                assert await collector.run("host", "set", "con-*", "--version", "2.7.1") == 0
                await services.close(stage.web)
                await collector.becomes(path, "broken")
            before = await known(collector, path)

        async with stage.collector() as collector:
            after = await known(collector, path)
            gate = await collector.run("gate", "prepare")
            text = await collector.metrics()

    assert after == before
    assert before["phase"]["phase"] == "prepare"
    assert before["versions"]["con-01"] == ("2.7.1", "set")
    assert gate == 1
    assert value(text, BROKEN, 'phase="prepare"', ends(path)) == 1


async def known(collector: Collector, path: str) -> dict[str, Any]:
    """Take down what has to survive a restart."""
    hosts = await collector.get("hosts")
    row = await collector.row(path)
    return {
        "phase": await collector.get("phase"),
        "versions": {one["host"]: (one["version"], one["version_source"]) for one in hosts},
        "seen": {one["host"]: one["probe"] and one["probe"]["last_seen"] for one in hosts},
        "events": await collector.get("events", limit="1000"),
        "plan": await collector.get("plan"),
        "row": {name: row[name] for name in ("verdict", "outcome", "since", "observed_at")},
    }


@asynccontextmanager
async def hanging_up(address: str, port: int) -> AsyncIterator[asyncio.Semaphore]:
    """Serve somebody who takes every call and hangs up; releases once a call."""
    calls = asyncio.Semaphore(0)

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.release()
        writer.close()

    async with await asyncio.start_server(hang_up, address, port):
        yield calls


async def test_what_was_seen_while_the_collector_was_away_arrives_with_its_own_times(
    stage: Stage,
) -> None:
    path, address = stage.console_path, stage.address_of("be-01")
    async with stage.services() as services, AsyncExitStack() as first:
        collector = await first.enter_async_context(stage.collector())
        async with stage.probes():
            await collector.becomes(path, "ok")
            await first.aclose()
            gone_at = datetime.now(UTC)

            await services.close(stage.web)
            async with hanging_up(address, stage.backend) as calls, asyncio.timeout(60):
                for _ in range(3):
                    await calls.acquire()
            back_at = datetime.now(UTC)
            async with stage.collector() as again:
                await again.becomes(path, "broken")
                events = await again.events_of(path)

    # A check may fall between the two servers, and be refused: another suspicion, no turn.
    turn = next(one for one in events if one["kind"] == "turn")
    suspected, turned = (datetime.fromisoformat(one["at"]) for one in (events[0], turn))
    assert events[0]["kind"] == "suspect"
    assert gone_at < suspected < turned < back_at
    assert "cut it off" in turn["reason"]
