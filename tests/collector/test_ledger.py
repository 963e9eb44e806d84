"""The one writer: durable before the answer, applied after it, and never in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from collector.app import assemble
from collector.estate import Estate
from collector.ledger import MOST_IN_BATCH, Ledger, Order
from collector.memory import Changes
from collector.parts import Parts
from collector.store import StoreUnavailable
from collector.store.batch import Batch, Sources
from collector.store.store import Store
from collector.store.turn import Turn
from flows.errors import UsageError
from flows.messages import Facts, Report
from flows.outcomes import Observation, StageTimes
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    HTTPS,
    INVENTORY,
    REFUSED,
    report_of,
    row_of,
)
from tests.collector.serving import Moments, settings_in

ELSEWHERE = "console-backend:con-02>be-02:tcp/443"


class Watched(Store):
    """A store that counts its commits, can be held up, and can be out of order."""

    commits: list[tuple[int, int]]
    gate: asyncio.Event
    arrived: asyncio.Event
    broken: bool

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        async with super().turn() as turn:
            yield WatchedTurn(self, turn)


class WatchedTurn(Turn):
    """A turn in such a store."""

    def __init__(self, store: Watched, turn: Turn) -> None:
        super().__init__(turn._database, turn._connection, turn._known)
        self._store = store

    async def write(self, batch: Batch, sources: Sources, now: datetime) -> None:
        store = self._store
        store.arrived.set()
        await store.gate.wait()
        if store.broken:
            raise StoreUnavailable("the disk is full")
        await super().write(batch, sources, now)
        store.commits.append((len(batch.changes), len(batch.taken)))


class Desk:
    """A ledger at work."""

    def __init__(self, ledger: Ledger, parts: Parts, store: Watched, clock: Moments) -> None:
        self.ledger = ledger
        self.parts = parts
        self.store = store
        self.clock = clock
        self.seq = 0

    def report(self, host: str, seen: dict[str, Observation], **more: object) -> Report:
        self.seq += 1
        found = report_of(self.parts.estate, host, seen, self.clock.now)
        return msgspec.structs.replace(found, seq=self.seq, **more)

    def verdict(self, path: str) -> str:
        return row_of(self.parts.estate, path).verdict

    async def hold(self, tasks: asyncio.TaskGroup) -> None:
        """Keep the writer busy, so that what comes now waits together."""
        self.store.gate.clear()
        self.store.arrived.clear()
        tasks.create_task(self.ledger.take(self.report("be-01", {})))
        await self.store.arrived.wait()


def phase_order(desk: Desk, phase: Phase) -> Order[str]:
    async def decide(now: datetime) -> tuple[Changes, str]:
        return desk.parts.estate.decide_phase(phase, now), "done"

    return decide


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[Desk]:
    settings, clock = settings_in(folder, INVENTORY), Moments()
    async with Watched.open(settings.store) as store:
        assert isinstance(store, Watched)
        store.commits, store.broken = [], False
        store.gate, store.arrived = asyncio.Event(), asyncio.Event()
        store.gate.set()
        parts = await assemble(settings, store, clock.now)
        store.commits.clear()
        store.arrived.clear()
        ledger = Ledger(parts, clock)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ledger.run())
            yield Desk(ledger, parts, store, clock)
            store.gate.set()
            ledger.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with at_work(tmp_path) as desk:
        yield desk


async def test_a_report_is_durable_and_applied_when_it_is_taken(desk: Desk) -> None:
    await desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS}))

    assert desk.verdict(CONSOLE) == "ok"
    assert desk.store.commits == [(1, 1)]


async def test_nothing_is_applied_before_it_is_durable(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        desk.store.gate.clear()
        taking = tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})))
        await desk.store.arrived.wait()

        assert desk.verdict(CONSOLE) == "unproven"
        assert not taking.done()

        desk.store.gate.set()

    assert desk.verdict(CONSOLE) == "ok"


async def test_reports_that_wait_together_share_a_commit(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        for host, path in (("con-01", CONSOLE), ("con-02", ELSEWHERE)):
            tasks.create_task(desk.ledger.take(desk.report(host, {path: HTTPS})))
        await asyncio.sleep(0)
        desk.store.gate.set()

    assert desk.store.commits == [(1, 1), (2, 2)]
    assert (desk.verdict(CONSOLE), desk.verdict(ELSEWHERE)) == ("ok", "ok")


async def test_a_report_that_is_still_being_read_comes_along(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})))
        await asyncio.sleep(0)  # the ledger knows of it
        await asyncio.sleep(0)
        tasks.create_task(desk.ledger.take(desk.report("con-02", {ELSEWHERE: HTTPS})))

    assert desk.store.commits == [(2, 2)]


async def test_two_reports_of_a_host_are_decided_one_after_the_other(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})))
        desk.clock.pass_by(5)
        tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: REFUSED})))
        await asyncio.sleep(0)
        desk.store.gate.set()

    assert desk.store.commits == [(1, 1), (1, 1), (1, 1)]
    assert row_of(desk.parts.estate, CONSOLE).suspect


async def test_what_changes_the_estate_stands_alone_and_others_keep_their_turn(desk: Desk) -> None:
    order = list[str]()

    async def take(name: str, report: Report) -> None:
        await desk.ledger.take(report)
        order.append(name)

    await desk.ledger.order(phase_order(desk, Phase.PREPARE))
    desk.store.commits.clear()
    goal = "console-backend:con-01>be-01:tcp/8443"
    async with asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        tasks.create_task(take("before", desk.report("con-02", {ELSEWHERE: HTTPS})))
        tasks.create_task(take("goal", desk.report("con-01", {goal: REFUSED})))
        tasks.create_task(take("after", desk.report("ah-02", {})))
        await asyncio.sleep(0)
        desk.store.gate.set()

    assert desk.store.commits == [(1, 1), (1, 1), (1, 1), (1, 1)]
    assert order == ["before", "goal", "after"]
    assert (Phase.PREPARE, goal) in desk.parts.estate.memory.reached


async def test_a_batch_does_not_grow_without_end(desk: Desk) -> None:
    report = desk.report("con-01", {})
    reports = [
        msgspec.structs.replace(report, host=f"stranger-{number}")
        for number in range(MOST_IN_BATCH + 1)
    ]
    async with asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        for report in reports:
            tasks.create_task(desk.ledger.take(report))
        await asyncio.sleep(0)
        desk.store.gate.set()

    assert [taken for _, taken in desk.store.commits] == [1, MOST_IN_BATCH, 1]


async def test_a_repeated_report_is_not_written_again(desk: Desk) -> None:
    report = desk.report("con-01", {CONSOLE: HTTPS})
    await desk.ledger.take(report)
    revision = desk.parts.estate.revision

    await desk.ledger.take(report)

    assert desk.store.commits == [(1, 1)]
    assert desk.parts.estate.revision == revision


async def test_a_write_that_fails_is_told_to_all_who_wait_and_applies_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.store.broken = True
    revision = desk.parts.estate.revision
    waiting = [desk.report("con-01", {CONSOLE: HTTPS}), desk.report("con-02", {ELSEWHERE: HTTPS})]

    failed = await asyncio.gather(*map(desk.ledger.take, waiting), return_exceptions=True)

    assert [str(error) for error in failed] == ["the disk is full"] * 2
    assert desk.parts.estate.revision == revision
    assert desk.verdict(CONSOLE) == "unproven"
    assert caplog.text.count("the disk is full") == 1

    desk.store.broken = False
    await desk.ledger.take(waiting[0])

    assert desk.verdict(CONSOLE) == "ok"
    assert "the store takes writes again" in caplog.text


async def test_a_decision_that_fails_is_told_to_its_own_waiter_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = Estate.decide_report

    def stumble(estate: Estate, report: Report, now: datetime, *, replan: bool) -> Changes:
        if report.host == "con-02":
            raise RuntimeError("a fault of ours")
        return decide(estate, report, now, replan=replan)

    monkeypatch.setattr(Estate, "decide_report", stumble)

    results = await asyncio.gather(
        desk.ledger.take(desk.report("con-02", {})),
        desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})),
        return_exceptions=True,
    )

    assert str(results[0]) == "a fault of ours"
    assert results[1] is None
    assert desk.verdict(CONSOLE) == "ok"


async def test_an_order_is_durable_and_holds_when_it_is_answered(desk: Desk) -> None:
    assert await desk.ledger.order(phase_order(desk, Phase.PREPARE)) == "done"
    assert desk.parts.estate.phase is Phase.PREPARE
    assert desk.store.commits == [(1, 0)]


async def test_an_order_that_changes_nothing_writes_nothing(desk: Desk) -> None:
    await desk.ledger.order(phase_order(desk, Phase.BASELINE))

    assert desk.store.commits == []


async def test_an_order_may_refuse(desk: Desk) -> None:
    async def refuse(_now: datetime) -> tuple[Changes, None]:
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        await desk.ledger.order(refuse)


async def test_whoever_went_away_does_not_disturb_the_others(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        gone = tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})))
        tasks.create_task(desk.ledger.take(desk.report("con-02", {ELSEWHERE: HTTPS})))
        await asyncio.sleep(0)
        gone.cancel()
        desk.store.gate.set()

    assert (desk.verdict(CONSOLE), desk.verdict(ELSEWHERE)) == ("ok", "ok")


async def test_the_bell_rings_for_a_host_whose_platform_is_told(desk: Desk) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(desk.parts.bell.wait("con-01", 10))
        await asyncio.sleep(0)

        await desk.ledger.take(desk.report("con-01", {}, facts=Facts(os="windows")))

    assert waiting.result()


async def test_connect_times_are_counted_by_flow(desk: Desk) -> None:
    seen = Observation(
        outcome=HTTPS.outcome,
        answered_by=HTTPS.answered_by,
        stages=StageTimes(connect=0.004),
        rtt_seconds=0.004,
    )

    await desk.ledger.take(desk.report("con-01", {CONSOLE: seen}))

    [(labels, buckets, total)] = desk.parts.connects.series()
    assert (labels, buckets[float("inf")], total) == ({"flow": "console-backend"}, 1, 0.004)


async def test_a_check_writes_unless_a_write_just_succeeded(desk: Desk) -> None:
    await desk.ledger.take(desk.report("con-01", {}))
    checked = desk.parts.store.check
    calls: list[datetime] = []

    async def check(now: datetime) -> None:
        calls.append(now)
        await checked(now)

    desk.parts.store.check = check  # type: ignore[method-assign] # counted on its way

    await desk.ledger.check()
    assert calls == []

    desk.clock.pass_by(6)
    await desk.ledger.check()
    assert calls == [desk.clock.now]


async def test_a_closed_ledger_answers_who_waits_and_takes_no_more(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk, asyncio.TaskGroup() as tasks:
        await desk.hold(tasks)
        waiting = tasks.create_task(desk.ledger.take(desk.report("con-01", {CONSOLE: HTTPS})))
        await asyncio.sleep(0)

        desk.ledger.close()
        with pytest.raises(StoreUnavailable, match="the collector is stopping"):
            await desk.ledger.take(desk.report("con-02", {}))
        desk.store.gate.set()

    assert waiting.done()
    assert desk.verdict(CONSOLE) == "ok"


async def test_a_ledger_is_idle_while_nobody_waits_for_it(desk: Desk) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        await desk.ledger.idle.wait()
        await desk.hold(tasks)
        while_writing = desk.ledger.idle.is_set()
        desk.store.gate.set()
        await desk.ledger.idle.wait()

    assert not while_writing
    assert desk.store.commits == [(1, 1)]
