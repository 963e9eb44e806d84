"""What another collector wrote holds here too, in its order, plans and all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.app import assemble
from collector.memory import Changes
from collector.others import Others
from collector.parts import Parts
from collector.store.batch import Batch
from collector.store.journal import Missed
from collector.store.store import Store
from collector.store.turn import Turn
from flows.hosts import Version
from flows.outcomes import Observation
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY, report_of, row_of
from tests.collector.serving import Moments, settings_in

Written = list[list[Missed] | None]


class Missing(Turn):
    """A turn in which others wrote this, batch by batch; None is what nobody knows any more."""

    def __init__(self, turn: Turn, written: Written) -> None:
        super().__init__(turn._database, turn._connection, turn._known)
        self._written = written

    async def missed(self) -> list[Missed] | None:
        return self._written.pop(0)


class Desk:
    """A collector, and what another one decided on the same estate."""

    def __init__(self, store: Store, parts: Parts, clock: Moments) -> None:
        self.store = store
        self.parts = parts
        self.clock = clock
        self.others = Others(parts)

    def report(self, seen: dict[str, Observation]) -> Changes:
        report = report_of(self.parts.estate, "con-01", seen, self.clock.now)
        return self.parts.estate.decide_report(report, self.clock.now)

    def version(self) -> Changes:
        return self.parts.estate.decide_versions("be-01", Version("2.7.1"), self.clock.now)

    async def catch_up(self, written: Written) -> bool:
        async with self.store.turn() as turn:
            return await self.others.catch_up(Missing(turn, written))


def missed(number: int, changes: Changes, *replanned: int) -> Missed:
    return Missed(number, Batch(changes=(changes,)), frozenset(replanned))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings, clock = settings_in(tmp_path, INVENTORY), Moments()
    async with Store.open(settings.store) as store:
        yield Desk(store, await assemble(settings, store, clock.now), clock)


async def test_all_that_others_wrote_is_taken_in(desk: Desk) -> None:
    assert await desk.catch_up([[missed(1, desk.report({CONSOLE: HTTPS}))], []])

    assert row_of(desk.parts.estate, CONSOLE).verdict == "ok"


async def test_a_plan_that_came_with_it_is_made_here(desk: Desk) -> None:
    changes = desk.version()
    plan = changes.plan
    without = Changes(versions=changes.versions, events=changes.events)

    assert await desk.catch_up([[missed(1, without, 0)], []])

    assert desk.parts.estate.plan == plan
    assert desk.parts.estate.plan is not plan


async def test_what_can_no_longer_be_known_is_said(desk: Desk) -> None:
    assert not await desk.catch_up([[missed(1, desk.version(), 0)], None])


async def test_a_store_that_is_read_anew_holds_whatever_was_known(desk: Desk) -> None:
    desk.parts.apply(desk.report({CONSOLE: HTTPS}))

    async with desk.store.turn() as turn:
        await desk.others.load_anew(turn, desk.clock.now)

    assert row_of(desk.parts.estate, CONSOLE).verdict == "unproven"
