"""The probe at work: the only place where its parts meet.

    poller     assignment -> schedule
    scheduler  schedule -> runner -> reporter
    reporter   spool -> collector
    meter      how late the event loop is while checks are in flight

A failure of the collector stops none of them: what is known goes on being measured, and what was
measured is kept.
"""

import asyncio
import logging
import platform
import random
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from flows.messages import Facts, ProbeState
from probe.client import Client, open_client
from probe.clock import Clock, SystemClock, pause
from probe.keeping import Keeper
from probe.polling import Poller
from probe.reporter import Reporter, Sender
from probe.runner import LagMeter, Measure, Runner
from probe.schedule import Due, Schedule
from probe.settings import Settings
from probe.spool import Spool
from probe.spool_file import SpoolFile

LAG_SAMPLE_SECONDS = 0.25
LAST_WORDS_SECONDS = 1.0
"""How long a probe that was told to stop tries to hand over its results."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance, which tests own."""

    clock: Clock = field(default_factory=SystemClock)
    random: Callable[[], float] = random.random
    """Draws from [0, 1); spreads attempts, and guards no secret."""


async def run(
    settings: Settings,
    measure: Measure,
    stop: asyncio.Event,
    version: str,
    world: World | None = None,
) -> None:
    """Work until `stop` is set, then hand over what was measured.

    Raises GatewatchError where the settings name credentials that cannot be read, or a folder that
    another probe has.
    """
    world = world or World()
    most_bytes = settings.limits.body
    async with open_client(settings.access, world.clock.now, most_bytes) as client:
        agent = build(settings, measure, version, client, world)
        agent.keeper.begin()
        try:
            log.info(
                "Probe of %s starts; its collector is %s.", settings.host, settings.access.urls[0]
            )
            await agent.work(stop)
            await agent.say_last_words()
        finally:
            agent.keeper.close()
    log.info("Probe of %s ends; %d results were not sent.", settings.host, len(agent.spool))


def build(
    settings: Settings, measure: Measure, version: str, client: Client, world: World
) -> "Agent":
    """Put the parts together."""
    runner = Runner(measure, world.clock)
    meter = LagMeter()
    room = settings.spool
    spool = Spool(room.max_bytes, room.max_age, stream=str(uuid.uuid4()))
    keeper = Keeper(spool, SpoolFile(settings.data))
    sender = Sender(
        host=settings.host,
        facts=Facts(os=platform.system().lower()),
        state=lambda: ProbeState(
            version=version,
            loop_lag=round(meter.worst, 6),
            late=runner.late,
            durable=keeper.is_durable,
        ),
    )
    reporter = Reporter(sender, spool, client, world.clock, world.random, meter.reset, keeper.save)
    schedule = Schedule(phase_of(settings.host), settings.limits)
    replan = asyncio.Event()
    poller = Poller(
        settings.host,
        settings.limits,
        client,
        schedule,
        reporter,
        world.clock,
        world.random,
        adopted=replan.set,
    )
    return Agent(schedule, runner, meter, spool, keeper, reporter, poller, world, replan)


def phase_of(host: str) -> float:
    """Place the ticks of a host within the second, [0, 1): stable, and even over many hosts."""
    return zlib.crc32(host.encode()) % 1000 / 1000


@dataclass(slots=True)
class Agent:
    """The parts, and the loops that drive them."""

    schedule: Schedule
    runner: Runner
    meter: LagMeter
    spool: Spool
    keeper: Keeper
    reporter: Reporter
    poller: Poller
    world: World
    replan: asyncio.Event
    """Set when something may have become due."""

    async def work(self, stop: asyncio.Event) -> None:
        """Drive all loops until told to stop; checks in flight are given up."""
        reporter = self.reporter
        loops = (self.poller.run, self.keep_schedule, reporter.run, reporter.keep, self.measure_lag)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop()) for loop in loops]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def say_last_words(self) -> None:
        """Hand over what was measured, within a short time."""
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self.reporter.flush()
        except TimeoutError:
            pass
        await self.keeper.save()

    async def keep_schedule(self) -> None:
        """Measure what is due when it is due."""
        clock = self.world.clock
        async with asyncio.TaskGroup() as checks:
            while True:
                self.replan.clear()
                plan = self.schedule.plan_next(clock.now())
                for due in plan.due:
                    checks.create_task(self.measure(due))
                await self._sleep_until(plan.wake_at)

    async def _sleep_until(self, wake_at: float | None) -> None:
        clock = self.world.clock
        seconds = None if wake_at is None else max(0.0, wake_at - clock.now())
        began = clock.monotonic()
        woken = await clock.wait(self.replan, seconds)
        if seconds is not None and not woken:
            self.meter.note(clock.monotonic() - began - seconds)

    async def measure(self, due: Due) -> None:
        """Measure one check, and see to it that it is reported and confirmed."""
        observation, results = await self.runner.run(due)
        finish = self.schedule.finish(due, observation, self.world.clock.now())
        self.reporter.put(results, news=finish.news)
        if finish.replan:
            self.replan.set()

    async def measure_lag(self) -> None:
        """Take readings of the loop's lag while it has anything to be late for."""
        clock = self.world.clock
        while True:
            await clock.wait(self.runner.busy, None)
            began = clock.monotonic()
            await pause(clock, LAG_SAMPLE_SECONDS)
            self.meter.note(clock.monotonic() - began - LAG_SAMPLE_SECONDS)
