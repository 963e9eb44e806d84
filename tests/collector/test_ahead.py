"""Plans are made while reports are taken."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from collector.app import assemble
from collector.estate import Estate
from collector.ledger import Ledger
from collector.memory import Changes
from collector.planning import Planner
from collector.store.store import Store
from flows.errors import Refused
from flows.hosts import Version
from flows.messages import Report
from flows.outcomes import Observation
from flows.phases import Expectation, Phase
from flows.versions import Versions
from tests.collector.samples import CONSOLE, CONSOLE_NEW, HTTPS, INVENTORY, report_of, row_of
from tests.collector.serving import Moments, settings_in


class SlowPlanner:
    """Holds plans up until it is told to go on; counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.made: list[Versions] = []
        plan_ahead = Planner.plan_ahead

        def slowly(planner: Planner, versions: Versions) -> None:
            self.begun.set()
            assert self.go_on.wait(20)
            self.made.append(versions)
            plan_ahead(planner, versions)

        monkeypatch.setattr(Planner, "plan_ahead", slowly)

    async def is_at_it(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 20)


class Desk:
    """A ledger at work, and those who report to it."""

    def __init__(self, ledger: Ledger, estate: Estate, clock: Moments) -> None:
        self.ledger = ledger
        self.estate = estate
        self.clock = clock
        self.seq = 0

    def report(self, host: str, seen: dict[str, Observation]) -> Report:
        self.seq += 1
        self.clock.pass_by(15)
        found = report_of(self.estate, host, seen, self.clock.now)
        return msgspec.structs.replace(found, seq=self.seq)

    async def set_version(self, host: str, version: str) -> None:
        async def decide(now: datetime) -> tuple[Changes, None]:
            return self.estate.decide_versions(host, Version(version), now), None

        await self.ledger.order(decide)

    def expected(self, path: str) -> Expectation | None:
        return self.estate.plan.paths[path].expect.get(Phase.BACKOFFICE)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings, clock = settings_in(tmp_path, INVENTORY), Moments()
    async with Store.open(settings.store) as store:
        parts = await assemble(settings, store, clock.now)
        ledger = Ledger(parts, clock)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ledger.run())
            yield Desk(ledger, parts.estate, clock)
            ledger.close()


async def test_reports_are_taken_while_a_plan_is_made_for_one_that_shows_a_version(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = SlowPlanner(monkeypatch)
    await desk.ledger.take(desk.report("con-01", {CONSOLE_NEW: HTTPS}))
    async with asyncio.TaskGroup() as tasks:
        showing = tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE_NEW: HTTPS})))
        await planner.is_at_it()

        elsewhere = CONSOLE.replace("con-01", "con-02")
        await desk.ledger.take(desk.report("con-02", {elsewhere: HTTPS}))

        assert row_of(desk.estate, elsewhere).verdict == "ok"
        assert not showing.done()
        assert desk.expected(CONSOLE_NEW) is Expectation.PERMIT
        planner.go_on.set()

    assert desk.expected(CONSOLE_NEW) is Expectation.SERVE
    assert len(planner.made) == 1


async def test_two_that_show_the_same_need_one_plan(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = SlowPlanner(monkeypatch)
    seen = {"con-01": CONSOLE_NEW, "con-02": CONSOLE_NEW.replace("con-01", "con-02")}
    for host, path in seen.items():
        await desk.ledger.take(desk.report(host, {path: HTTPS}))
    async with asyncio.TaskGroup() as tasks:
        for host, path in seen.items():
            tasks.create_task(desk.ledger.take(desk.report(host, {path: HTTPS})))
        await planner.is_at_it()
        planner.go_on.set()

    assert desk.expected(CONSOLE_NEW) is Expectation.SERVE
    assert len(planner.made) == 1


async def test_what_came_to_hold_meanwhile_is_in_the_plan(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = SlowPlanner(monkeypatch)
    await desk.ledger.take(desk.report("con-01", {CONSOLE_NEW: HTTPS}))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE_NEW: HTTPS})))
        await planner.is_at_it()
        await desk.set_version("ah-02", "2.7.1")
        planner.go_on.set()

    assert desk.expected(CONSOLE_NEW) is Expectation.SERVE
    assert desk.estate.plan.versions.set_ == {"ah-02": Version("2.7.1")}
    assert "be-01" in desk.estate.plan.versions.shown


async def test_nothing_is_planned_where_the_plan_would_be_the_one_in_force(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = SlowPlanner(monkeypatch)

    async with desk.ledger.ahead.planned(lambda state: state.in_force()):
        pass

    assert not planner.begun.is_set()


async def test_an_inventory_that_is_refused_plans_nothing_and_hinders_nobody(desk: Desk) -> None:
    ahead = desk.ledger.ahead

    with pytest.raises(Refused):
        async with ahead.planned(lambda state: state.in_force(declared=state.planner.read("", ""))):
            pass

    async with ahead.planned(lambda state: state.in_force(versions={"be-01": Version("2.7.1")})):
        await desk.set_version("be-01", "2.7.1")
    assert desk.expected(CONSOLE_NEW) is Expectation.SERVE


async def test_a_plan_made_ahead_is_not_kept(desk: Desk) -> None:
    planner, versions = desk.estate.state.planner, {"be-01": Version("2.7.1")}

    async with desk.ledger.ahead.planned(lambda state: state.in_force(versions=versions)):
        made_of = desk.estate.state.in_force(versions=versions)
        assert planner.plan(made_of) is planner.plan(made_of)

    assert planner.plan(made_of) is not planner.plan(made_of)
