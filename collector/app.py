"""The only wiring of the collector: settings to store, memory, estate, ledger and routes."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from collector import web as pages
from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.identity import (
    CALLS_BY,
    FAILURES_AT_ONCE,
    FAILURES_BY,
    FAILURES_PER_SECOND,
    as_known,
)
from collector.api.metrics import ESTATE_PAGE, MAKING
from collector.api.problems import as_problems
from collector.api.rates import Rates
from collector.api.recording import REFUSALS, as_recorded, keep_recording, record_counted
from collector.api.routes import add_routes
from collector.bell import Bell
from collector.connect_times import ConnectTimes
from collector.connections import as_asked
from collector.estate import Estate
from collector.heartbeat import beat
from collector.keeper import keep_runs
from collector.ledger import Clock, Ledger
from collector.listening import keep_listening
from collector.memory import Changes, Event, EventKind, InventoryText, Memory, PhaseSet
from collector.metrics import EstatePage
from collector.news import News
from collector.parts import Parts
from collector.refusals import Refusals
from collector.self_metrics import SelfMetrics
from collector.settings import Settings
from collector.slices import in_slices
from collector.state import State
from collector.store import StoreUnavailable
from collector.store.batch import Batch
from collector.store.store import Store
from flows.errors import GatewatchError
from flows.phases import Phase
from flows.warnings import warnings

_GROWTH_SECONDS = 1.0
"""How long an agent that joined waits for its assignment, at least."""
_JUDGING_SECONDS = 0.5
"""How much of what was reported is left to judge for whoever asks, at most."""
_READ = timedelta(minutes=5)
"""By then the other collectors have read the journal, or they load anew."""
_log = logging.getLogger(__name__)


def application(settings: Settings, clock: Clock) -> web.Application:
    """Make the server; it opens its store when it starts and closes it when it stops.

    Starting raises GatewatchError where the store or the inventory cannot be used.
    """
    app = web.Application(middlewares=[as_asked, as_problems, as_recorded, as_known])
    app[SETTINGS] = settings
    app[CLOCK] = clock
    often = settings.limits.requests_per_credential
    app[CALLS_BY] = Rates(often, 2 * often, time.monotonic)
    app[REFUSALS] = Refusals()
    app[FAILURES_BY] = Rates(FAILURES_PER_SECOND, FAILURES_AT_ONCE, time.monotonic)
    add_routes(app, version("gatewatch"))
    app.router.add_routes(pages.routes())
    app.on_response_prepare.append(_keep_from_caches)
    app.on_shutdown.append(_let_go)
    app.cleanup_ctx.append(_at_work)
    return app


async def _keep_from_caches(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Cache-Control", "no-store")


async def _let_go(app: web.Application) -> None:
    app[PARTS].bell.close()
    app[PARTS].news.close()
    app[PARTS].run_news.close()


async def _at_work(app: web.Application) -> AsyncIterator[None]:
    settings, clock = app[SETTINGS], app[CLOCK]
    async with Store.open(settings.store) as store:
        parts = await assemble(settings, store, clock())
        ledger = Ledger(parts, clock)
        app[PARTS], app[LEDGER] = parts, ledger
        app[ESTATE_PAGE] = EstatePage(parts.estate, parts.connects, per_agent=settings.per_agent)
        app[MAKING] = asyncio.Lock()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ledger.run())
            loops = (
                _go_rounds(parts, ledger, clock, settings.timing.interval),
                keep_runs(parts, ledger, clock),
                keep_recording(app[REFUSALS], ledger, clock),
                keep_listening(parts, ledger, clock, settings.timing.interval),
                ledger.follow(),
                _prune(store, clock),
                _grow(parts, ledger),
                beat(parts.metrics.loop_lag.observe),
                _judge(parts, ledger, clock),
            )
            running = [tasks.create_task(loop) for loop in loops]
            yield
            for task in running:
                task.cancel()
            await record_counted(app[REFUSALS], ledger, clock())
            ledger.close()


async def assemble(settings: Settings, store: Store, now: datetime) -> Parts:
    """Go on from what the store holds; from the inventory file where it holds nothing yet."""
    async with store.turn() as turn:
        memory = await turn.load()
        first: list[Changes] = []
        if memory is None:
            memory = _first_memory(settings, now)
            first.append(_beginning(memory))
        estate = Estate(memory, settings.timing, settings.gate, now)
        first.append(estate.decide_start(now))
        await turn.write(Batch(changes=tuple(first)), {}, now)
    estate.apply(first[-1])
    _report_start(estate, memory, settings.inventory)
    return Parts(
        estate=estate,
        store=store,
        connects=ConnectTimes(memory.connects),
        bell=Bell(),
        news=News(),
        run_news=News(),
        metrics=SelfMetrics(version("gatewatch")),
    )


def _first_memory(settings: Settings, now: datetime) -> Memory:
    return Memory(
        inventory_text=_text_of(settings.inventory),
        inventory_name=settings.inventory.name,
        phase=Phase.BASELINE,
        phase_since=now,
    )


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        text = f"the store is empty, and the inventory {file} cannot be read: {reason}"
        raise GatewatchError(text) from error


def _beginning(memory: Memory) -> Changes:
    event = Event(
        at=memory.phase_since,
        kind=EventKind.INVENTORY,
        subject=memory.inventory_name,
        after=memory.inventory_name,
        reason="the collector began with it",
    )
    return Changes(
        inventory=InventoryText(text=memory.inventory_text, name=memory.inventory_name),
        phase=PhaseSet(phase=memory.phase, since=memory.phase_since),
        events=(event,),
    )


def _report_start(estate: Estate, memory: Memory, file: Path) -> None:
    """Tell the log where the collector stands, and what its operator may not mean."""
    hosts = estate.plan.inventory.hosts
    _log.info("phase %s, %d hosts, %d paths", estate.phase, len(hosts), len(estate.plan.paths))
    for sentence in warnings(estate.plan.inventory, estate.phase, estate.plan.versions):
        _log.warning("%s: %s", memory.inventory_name, sentence)
    if file.is_file() and _text_of(file) != memory.inventory_text:
        text = "%s differs from the inventory in force; 'gatewatch inventory apply' makes it hold"
        _log.warning(text, file)


async def _go_rounds(parts: Parts, ledger: Ledger, clock: Clock, seconds: float) -> None:
    """Ask once an interval what the passing of time has changed."""

    async def goals(now: datetime) -> tuple[Changes, None]:
        is_judged = (parts.estate.judged, parts.estate.judged.epoch) == judged
        return parts.estate.decide_goals(now) if is_judged else Changes(), None

    async def ends(now: datetime) -> tuple[Changes, None]:
        return await asyncio.to_thread(parts.estate.decide_ends, now), None

    while True:
        await asyncio.sleep(seconds)
        # Beforehand, while reports are taken: they wait for what is decided.
        await in_slices(parts.estate.judged.renewing(clock()), ledger.idle)
        judged = parts.estate.judged, parts.estate.judged.epoch
        try:
            await ledger.order(goals)
            await ledger.order(ends)
        except GatewatchError as error:
            _log.debug("goals and ends are looked for later: %s", error)


async def _prune(store: Store, clock: Clock) -> None:
    """Forget now and then what every collector has read."""
    while True:
        await asyncio.sleep(_READ.total_seconds())
        try:
            await store.prune(clock() - _READ)
        except StoreUnavailable as error:
            _log.debug("the journal is pruned later: %s", error)


async def _judge(parts: Parts, ledger: Ledger, clock: Clock) -> None:
    """Judge what is old before anybody asks for it, so that whoever asks does not wait."""
    while True:
        await in_slices(parts.estate.judged.renewing(clock()), ledger.idle)
        await asyncio.sleep(_JUDGING_SECONDS)


async def _grow(parts: Parts, ledger: Ledger) -> None:
    """Plan for the agents that joined, many at a time: the larger the estate, the more rarely."""

    async def grow(_now: datetime) -> tuple[Changes, None]:
        return await asyncio.to_thread(parts.estate.decide_growth), None

    seconds = _GROWTH_SECONDS
    while True:
        await asyncio.sleep(seconds)
        seconds = _GROWTH_SECONDS
        if not parts.estate.is_outgrown:
            continue
        began = asyncio.get_running_loop().time()
        try:
            async with ledger.ahead.planned(State.in_force):
                await ledger.order(grow)
        except GatewatchError as error:
            _log.debug("agents that joined are planned for later: %s", error)
        seconds = max(seconds, 10 * (asyncio.get_running_loop().time() - began))
