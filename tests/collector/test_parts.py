"""What follows when decisions hold, wherever they were taken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from collector.app import assemble
from collector.memory import Changes, ProbeSeen
from collector.parts import Parts
from collector.store.batch import Batch, Taken
from collector.store.store import Store
from flows.messages import Facts
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    HTTPS,
    NOW,
    REFUSED,
    at,
    id_of,
    remembered,
    report_of,
    row_of,
)
from tests.collector.serving import settings_in


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    settings = settings_in(tmp_path)
    async with Store.open(settings.store) as store:
        yield await assemble(settings, store, NOW)


async def woken(parts: Parts, host: str, changes: Changes) -> bool:
    """Apply while a probe waits, and say whether it was woken."""
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(parts.bell.wait(host, 0.05))
        await asyncio.sleep(0)  # it waits now
        parts.apply(changes)
        return await waiting


def seen_on(system: str) -> ProbeSeen:
    return ProbeSeen(last_seen=NOW, version="0.1.0", facts=Facts(os=system))


async def test_another_plan_wakes_every_probe(parts: Parts) -> None:
    assert await woken(parts, "con-01", Changes(plan=parts.estate.plan))


async def test_a_probe_is_woken_when_its_system_is_told_and_only_then(parts: Parts) -> None:
    windows = Changes(probes={"con-01": seen_on("windows")})

    assert await woken(parts, "con-01", windows)
    assert not await woken(parts, "con-01", windows)
    assert not await woken(parts, "con-02", Changes(probes={"con-01": seen_on("linux")}))


async def test_a_source_is_kept_with_all_that_was_known_of_it(parts: Parts) -> None:
    estate = parts.estate
    before = report_of(estate, "con-01", {CONSOLE: HTTPS}, at(0))
    parts.apply(estate.decide_report(before, at(0)))
    other = next(path.id for path in estate.plan.by_source["con-01"] if path.id != CONSOLE)
    changes = estate.decide_report(report_of(estate, "con-01", {other: REFUSED}, at(1)), at(1))

    sources = parts.sources(Batch(changes=(changes,), taken=(Taken("con-02", "a", 1, NOW),)))

    assert set(sources) == {"con-01", "con-02"}
    assert set(sources["con-01"].cells) == {id_of(estate, CONSOLE), id_of(estate, other)}
    assert sources["con-01"].probe == changes.probes["con-01"]
    assert sources["con-02"] == ({}, None)


async def test_a_source_forgets_what_left_the_inventory(parts: Parts) -> None:
    estate = parts.estate
    parts.apply(estate.decide_report(report_of(estate, "con-01", {CONSOLE: HTTPS}, at(0)), at(0)))
    key = next(iter(estate.memory.cells))

    sources = parts.sources(Batch(changes=(Changes(forgotten=frozenset({key})),)))

    assert sources["con-01"].cells == {}


async def test_after_a_restart_only_what_was_read_is_known(parts: Parts) -> None:
    estate = parts.estate
    parts.apply(estate.decide_report(report_of(estate, "con-01", {CONSOLE: HTTPS}, at(0)), at(0)))
    assert row_of(estate, CONSOLE).verdict == "ok"
    memory = remembered(phase=Phase.PREPARE, check_ids=estate.memory.check_ids)

    parts.restart(memory, at(1))

    assert (estate.phase, row_of(estate, CONSOLE, 1).verdict) == (Phase.PREPARE, "unproven")
    assert msgspec.structs.asdict(estate.memory)["cells"] == {}
