"""The probe's parts at work together, against a collector on a real socket; time is the test's."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import pytest

from flows.messages import Check, Result, Run
from flows.outcomes import Observation, Outcome
from probe import agent
from probe.agent import World, phase_of
from probe.allow import Allow, refusal
from probe.client import Access
from probe.measuring import measure, open_means
from probe.runner import Measure
from probe.settings import Settings
from tests.fakes.clock import START, FakeClock
from tests.fakes.collector import FakeCollector, a_check, an_assignment, problem, serving

HOST = "con-01"
TICK = START - 1 + phase_of(HOST)
"""Begin of the second that holds START, as this host counts seconds."""
FIRST_TICK = 2.0


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    async with serving() as running:
        yield running


@dataclass
class Network:
    """Measures without a network: each check is open until it is said to be something else."""

    clock: FakeClock
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    measured: list[tuple[int, float]] = field(default_factory=list)
    _happened: asyncio.Event = field(default_factory=asyncio.Event)

    async def measure(self, check: Check) -> Observation:
        self.measured.append((check.id, round(self.clock.now() - TICK, 3)))
        self._happened.set()
        return Observation(outcome=self.outcomes.get(check.id, Outcome.OPEN))

    async def until_measured(self, count: int) -> None:
        while len(self.measured) < count:
            self._happened.clear()
            await self._happened.wait()


@dataclass
class Probe:
    """A running probe and what surrounds it."""

    clock: FakeClock
    network: Network
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def sleeps(self, seconds: float) -> None:
        """Wait until a part of it has nothing to do for so long."""
        await self.clock.until_sleeping(seconds)


def settings_for(folder: str, *urls: str, token_file: Path | None = None) -> Settings:
    return Settings(host=HOST, access=Access(urls, token_file=token_file), data=Path(folder))


@asynccontextmanager
async def running(*urls: str, measure: Measure | None = None) -> AsyncIterator[Probe]:
    """Run a probe that has FIRST_TICK seconds until its first tick."""
    clock = FakeClock(TICK - FIRST_TICK)
    network = Network(clock)
    stop = asyncio.Event()
    world = World(clock, lambda: 0.5)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(folder, *urls)
        async with asyncio.TaskGroup() as group:
            work = agent.run(settings, measure or network.measure, stop, "0.1.0", world)
            task = group.create_task(work)
            yield Probe(clock, network, stop, task)
            stop.set()


def outcomes(results: list[Result]) -> Iterator[tuple[int, Outcome]]:
    for result in results:
        yield result.check, result.outcome


async def test_it_measures_what_it_is_assigned_and_reports_at_once(
    collector: FakeCollector,
) -> None:
    collector.assignment = an_assignment(a_check(1), a_check(2), a_check(3, offset=5.0))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.results) == 2)
        await probe.sleeps(5.0)
        probe.clock.advance(5.0)
        await collector.until(lambda: len(collector.results) == 3)

    assert sorted(probe.network.measured) == [(1, 0.0), (2, 0.0), (3, 5.0)]
    assert dict(outcomes(collector.results)) == {1: Outcome.OPEN, 2: Outcome.OPEN, 3: Outcome.OPEN}
    assert {report.host for report in collector.reports} == {HOST}
    assert collector.reports[0].probe.version == "0.1.0"
    assert collector.reports[0].facts.os in {"linux", "windows", "darwin"}


async def test_an_unchanged_assignment_stays_in_force(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1))
    collector.holds_polls = False

    async with running(collector.url) as probe:
        await collector.until(lambda: len(collector.polls) == 1)
        for polls in (2, 3):
            await probe.sleeps(1.0)
            probe.clock.advance(1.0)
            await collector.until_polls(polls)
        await collector.until(lambda: len(collector.results) == 1)

    assert [poll.headers.get("If-None-Match") for poll in collector.polls] == [
        None,
        '"r1"',
        '"r1"',
    ]


async def test_a_change_of_the_assignment_is_taken_up_at_once(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.polls) == 2 and len(collector.results) == 1)
        collector.assign(an_assignment(a_check(1), a_check(2, offset=3.0), revision="r2"))
        await probe.sleeps(3.0)
        probe.clock.advance(3.0)
        await probe.network.until_measured(2)

    assert probe.network.measured == [(1, 0.0), (2, 3.0)]


async def test_a_run_is_measured_now_and_reported_under_its_name(
    collector: FakeCollector,
) -> None:
    run = msgspec.convert({"id": "run-a", "checks": [1], "expires": "2100-01-01T00:00:00Z"}, Run)
    collector.assignment = msgspec.structs.replace(an_assignment(a_check(1, offset=9)), runs=(run,))

    async with running(collector.url) as probe:
        await collector.until(lambda: len(collector.results) == 1)

    assert probe.network.measured == [(1, -2.0)]
    assert collector.results[0].run == "run-a"


async def test_a_change_is_reported_and_confirmed_at_once_and_after_five_seconds(
    collector: FakeCollector,
) -> None:
    collector.assignment = an_assignment(a_check(1))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.results) == 1)
        probe.network.outcomes[1] = Outcome.REFUSED
        await probe.sleeps(15.0)
        probe.clock.advance(15.0)
        await probe.network.until_measured(3)
        await collector.until(lambda: len(collector.results) >= 2)
        await probe.sleeps(5.0)
        probe.clock.advance(5.0)
        await probe.network.until_measured(4)
        await probe.sleeps(10.0)
        probe.clock.advance(5.0)
        await collector.until(lambda: len(collector.results) == 4)

    assert probe.network.measured == [(1, 0.0), (1, 15.0), (1, 15.0), (1, 20.0)]
    assert [outcome for _, outcome in outcomes(collector.results)] == [
        Outcome.OPEN,
        *[Outcome.REFUSED] * 3,
    ]


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List what the log says, each up to its first comma."""
    return [record.getMessage().split(",")[0] for record in caplog.records]


async def test_nothing_is_lost_while_the_collector_is_away(
    collector: FakeCollector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    collector.assignment = an_assignment(a_check(1, interval=6.0), a_check(2, interval=6.0))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.results) == 2)
        await collector.down()
        for measured in (4, 6, 8):
            await probe.sleeps(6.0)
            probe.clock.advance(6.0)
            await probe.network.until_measured(measured)
        assert len(collector.results) == 2
        while "No report reaches the collector" not in said(caplog):
            await asyncio.sleep(0)
            probe.clock.advance(0.5)
        await collector.up()
        while len(collector.results) < 8:
            await asyncio.sleep(0)
            probe.clock.advance(0.5)

    per_check = {
        number: [result.at for result in collector.results if result.check == number][:4]
        for number in (1, 2)
    }
    assert all(times == sorted(set(times)) for times in per_check.values())
    assert [(time.timestamp() - TICK) for time in per_check[1]] == pytest.approx(
        [0, 6, 12, 18], abs=0.001
    )
    seqs = [report.seq for report in collector.reports]
    assert seqs == sorted(seqs)
    assert said(caplog).count("No report reaches the collector") == 1
    assert said(caplog).count("No assignment from the collector") == 1


async def test_a_refused_batch_holds_up_nothing(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1), a_check(2, offset=5.0))
    collector.report_replies.append(problem(403, "con-01 is not in the inventory"))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.reports) == 1)
        await probe.sleeps(5.0)
        probe.clock.advance(5.0)
        await collector.until(lambda: len(collector.results) == 1)

    assert list(dict.fromkeys(report.seq for report in collector.reports)) == [1, 2]
    assert list(outcomes(collector.results)) == [(2, Outcome.OPEN)]


async def test_a_hostile_assignment_is_not_dialled(collector: FakeCollector) -> None:
    connections = 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    collector.assignment = an_assignment(
        a_check(1, port=port), a_check(2, address="localhost", port=port)
    )
    allowed = partial(refusal, Allow(ports=frozenset({port})))

    async with server, open_means(allowed) as means:

        async def measure_here(check: Check) -> Observation:
            return await measure(check, means)

        async with running(collector.url, measure=measure_here) as probe:
            await probe.sleeps(FIRST_TICK)
            probe.clock.advance(FIRST_TICK)
            await collector.until(lambda: {result.check for result in collector.results} == {1, 2})

    assert connections == 0
    assert {result.outcome for result in collector.results} == {Outcome.FAULT}
    assert {result.detail.partition(" was not dialled: ")[2] for result in collector.results} == {
        "no network in allow.networks of probe.yaml holds it"
    }


async def test_the_second_collector_serves_while_the_first_is_away(
    collector: FakeCollector,
) -> None:
    async with serving() as gone:
        away = gone.url
    collector.assignment = an_assignment(a_check(1))

    async with running(away, collector.url) as probe:
        await probe.sleeps(0.5)
        probe.clock.advance(0.5)
        await probe.sleeps(FIRST_TICK - 0.5)
        probe.clock.advance(FIRST_TICK - 0.5)
        await collector.until(lambda: len(collector.results) == 1)


async def test_without_any_collector_it_keeps_trying_less_and_less_often() -> None:
    async with serving() as gone:
        away = gone.url

    async with running(away) as probe:
        for wait in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
            await probe.clock.until_sleeping(wait)
            probe.clock.advance(wait)


async def test_what_was_measured_is_handed_over_at_the_end(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.results) == 1)
        await probe.sleeps(15.0)
        probe.clock.advance(15.0)
        await probe.network.until_measured(2)
        await probe.sleeps(5.0)
        probe.stop.set()
        await probe.task

    assert len(collector.results) == 2


async def test_a_collector_that_hangs_does_not_hold_up_the_end(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probe.agent.LAST_WORDS_SECONDS", 0.05)
    collector.assignment = an_assignment(a_check(1))
    collector.holds_reports = True

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await collector.until(lambda: len(collector.reports) == 1)
        probe.stop.set()
        await probe.task

    assert [report.seq for report in collector.reports] == [1, 1]


async def test_a_check_in_flight_does_not_hold_up_the_end(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1))
    started = asyncio.Event()

    async def measure_for_ever(_: Check) -> Observation:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with running(collector.url, measure=measure_for_ever) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK)
        await started.wait()
        probe.stop.set()
        await probe.task

    assert collector.results == []


async def test_the_lag_of_the_loop_is_reported(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1))

    async with running(collector.url) as probe:
        await probe.sleeps(FIRST_TICK)
        probe.clock.advance(FIRST_TICK + 0.75)
        await collector.until(lambda: len(collector.results) == 1)

    assert collector.reports[0].probe.loop_lag == 0.75


def test_the_phases_of_hosts_are_spread_over_the_second() -> None:
    phases = [phase_of(f"pc-{number:04}") for number in range(1000)]

    per_tenth = [sum(tenth <= phase * 10 < tenth + 1 for phase in phases) for tenth in range(10)]
    assert min(per_tenth) > 70
    assert phase_of("pc-0001") == phase_of("pc-0001")
