"""A collector begins with its inventory file, and goes on from its store."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from collector.goals import SMALL
from collector.timing import Timing
from flows.errors import GatewatchError, Refused
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY, REFUSED
from tests.collector.serving import Caller, Moments, calling, settings_in

PC = "agent:pc-001>ah-02:tcp/443"


async def walk(caller: Caller) -> None:
    """Leave something of everything that has to survive."""
    await caller.call("PUT", "phase", {"phase": "prepare", "force": True, "reason": "a test"})
    await caller.call("PATCH", "hosts", {"glob": "be-*", "version": "2.7.1"})
    for seen in (HTTPS, REFUSED, REFUSED):
        caller.clock.pass_by(5)
        await caller.report("con-01", {CONSOLE: seen})
    await caller.report("pc-001", {PC: REFUSED}, stream="other")


async def told(caller: Caller) -> list[object]:
    """Ask everything that a viewer may ask."""
    calls = ("phase", "matrix", "hosts", "plan", "events", "gates/backoffice", "inventory")
    assignments = ("assignments/con-01", "assignments/pc-001")
    return [(await caller.get(call)).body for call in (*calls, *assignments)]


async def test_an_empty_store_begins_in_baseline_with_the_inventory_of_the_file(
    tmp_path: Path,
) -> None:
    async with calling(settings_in(tmp_path)) as caller:
        phase = (await caller.get("phase")).body["phase"]
        inventory = (await caller.get("inventory")).body
        events = (await caller.get("events")).body

    assert (phase, inventory["inventory"]) == ("baseline", INVENTORY)
    assert [(event["kind"], event["reason"]) for event in events] == [
        ("inventory", "the collector began with it")
    ]


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    settings, clock = settings_in(tmp_path), Moments()
    async with calling(settings, clock) as caller:
        await walk(caller)
        before = await told(caller)

    async with calling(settings, clock) as caller:
        after = await told(caller)

    assert after == before


async def test_a_start_adds_nothing_to_a_store_that_has_everything(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with calling(settings) as caller:
        before = caller.rows()

    async with calling(settings) as caller:
        assert caller.rows() == before


async def test_reports_that_were_taken_are_known_after_a_restart(tmp_path: Path) -> None:
    settings, clock = settings_in(tmp_path), Moments()
    async with calling(settings, clock) as caller:
        await caller.report("con-01", {CONSOLE: HTTPS}, seq=4)
        before = caller.rows()

    clock.pass_by(1)
    async with calling(settings, clock) as caller:
        again = await caller.report("con-01", {CONSOLE: REFUSED}, seq=4)

        assert again.body == {"seq": 4}
        assert caller.rows() == before


async def test_the_file_counts_only_while_the_store_is_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_in(tmp_path)
    async with calling(settings):
        pass
    file = tmp_path / "inventory.yaml"
    rewrite(file, INVENTORY.replace("10.1.0.12", "10.1.0.99"))

    async with calling(settings) as caller:
        assert (await caller.get("inventory")).body["inventory"] == INVENTORY

    assert (
        f"{file} differs from the inventory in force; 'gatewatch inventory apply' makes it hold"
        in caplog.messages
    )


def rewrite(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


async def test_warnings_about_the_inventory_go_to_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with calling(settings_in(tmp_path)):
        pass

    assert (
        "inventory.yaml: no host has the role 'policy-update-server': the plan lacks policy-update"
        " from be-01 and be-02"
    ) in caplog.messages


async def test_an_inventory_that_is_not_there_is_said(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.inventory.unlink()

    with pytest.raises(GatewatchError) as refused:
        async with calling(settings):
            pass

    assert str(refused.value) == (
        f"the store is empty, and the inventory {settings.inventory} cannot be read:"
        " No such file or directory"
    )


async def test_a_bad_inventory_is_refused_with_every_problem(tmp_path: Path) -> None:
    bad = INVENTORY.replace("roles: [console]", "roles: [consul]")
    settings = settings_in(tmp_path, bad)

    with pytest.raises(Refused) as refused:
        async with calling(settings):
            pass

    assert [problem.line for problem in refused.value.problems] == [6, 7]

    rewrite(settings.inventory, INVENTORY)
    async with calling(settings) as caller:
        assert (await caller.get("phase")).status == 200


async def test_the_page_is_served_at_the_root(tmp_path: Path) -> None:
    async with calling(settings_in(tmp_path)) as caller:
        reply = await caller.get("/")

    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-cache"


async def test_goals_of_large_groups_are_found_within_an_interval(tmp_path: Path) -> None:
    agents = [f"pc-{number}" for number in range(100, 100 + SMALL + 1)]
    hosts = "".join(f"  {name}: {{address: 10.8.0.1, roles: [agent]}}\n" for name in agents)
    text = (
        'migration: {name: a, from: "2.6", to: "2.7.1"}\nhosts:\n'
        "  ah-01: {address: 10.1.0.1, roles: [agent-handler]}\n" + hosts
    )
    settings = replace(settings_in(tmp_path, text), timing=Timing(interval=0.05))
    async with asyncio.timeout(10), calling(settings) as caller:
        await caller.call("PUT", "phase", {"phase": "prepare", "force": True, "reason": "a test"})
        await caller.report("pc-100", {"agent:pc-100>ah-01:tcp/443": REFUSED})

        found: list[str] = []
        while not found:
            events = (await caller.get("events", after="0")).body
            found = [event["subject"] for event in events if event["kind"] == "goal"]

    assert found == ["agent:default/*>ah-01"]
