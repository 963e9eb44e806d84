"""100,000 agents of four paths, rolled up: start, memory, scrapes, and changes of phase."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.collector.estate import OPERATOR, Scale
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.ingest import blocks, waits
from bench.collector.loading import Cost, Loader, cost, loading
from bench.collector.orders import Order
from bench.collector.process import Collector, collecting

AGENTS, HANDLERS = 100_000, 2
REPORTS_A_MINUTE = 100_000
"""All agents, once an interval."""
PHASES = ("prepare", "backoffice", "agents", "complete")
AROUND_SECONDS = 2.0
"""Of reports before a change of phase."""
LONGEST_SECONDS = 20.0
MOST_MIB = 1536


def crowd(extent: Extent) -> Iterator[Figure]:
    """Measure a large estate from its start on."""
    scale = Scale(agents=extent.of(AGENTS), handlers=HANDLERS)
    rate = extent.of(REPORTS_A_MINUTE) / 60
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), scale) as collector:
        yield Figure("start, by the store's inventory", "s", [collector.start_seconds])
        yield Figure("agents", "", [scale.agents])
        yield Figure("resident after the start", "MiB", [collector.mib()])
        before = collector.cpu_seconds
        with loading([collector], scale.agents) as load:
            learning = (collector.cpu_seconds - before) / scale.agents * 1e6
            yield Figure("an assignment, CPU", "us", [learning])
            yield from _reported(collector, load, scale)
            yield from _scrapes(collector)
            yield from _phases(collector, load, rate, scale)
        yield Figure("resident at most", "MiB", [collector.mib("VmHWM")])


def _reported(collector: Collector, load: Loader, scale: Scale) -> Iterator[Figure]:
    """Have everybody report twice."""
    for name in ("first", "second"):
        everybody = cost([collector], load, Order(reports=scale.agents))
        yield Figure(f"a {name} report of four results, CPU", "us", [everybody.microseconds])
    yield Figure("resident, everybody reported", "MiB", [collector.mib()], most=MOST_MIB)


def _scrapes(collector: Collector) -> Iterator[Figure]:
    for name in ("the first scrape, rolled up", "the next one"):
        before = collector.cpu_seconds
        page = collector.get("/metrics/estate")
        yield Figure(f"{name}: CPU", "s", [collector.cpu_seconds - before])
        yield Figure(f"{name}: wall", "s", [page.seconds])


def _phases(collector: Collector, load: Loader, rate: float, scale: Scale) -> Iterator[Figure]:
    """Change the phase while agents report as often as they do."""
    quiet = cost([collector], load, Order(rate=rate, seconds=AROUND_SECONDS))
    before = collector.blocks()
    orders: list[float] = []
    gates: list[float] = []
    beside: list[Cost] = []
    for phase in PHASES:
        changed, asked, reported = _changed(collector, load, rate, phase)
        orders.append(changed)
        gates.append(asked)
        beside.append(reported)
    yield Figure("verdicts, path by phase", "", [scale.verdicts])
    total = [order + gate for order, gate in zip(orders, gates, strict=True)]
    yield Figure("a change of phase, wall", "s", orders)
    yield Figure("its gate, then, wall", "s", gates)
    yield Figure("both", "s", total, most=5)
    yield from waits("reports without a change of phase", [quiet])
    yield from waits("reports during changes of phase", beside)
    yield from blocks("changes of phase", before, collector.blocks())


def _changed(
    collector: Collector, load: Loader, rate: float, phase: str
) -> tuple[float, float, Cost]:
    """Begin a phase amid reports; returns how long that and its gate took, and what they waited."""
    reported: list[Cost] = []

    def report() -> None:
        order = Order(rate=rate, seconds=LONGEST_SECONDS / 4)
        reported.append(cost([collector], load, order))

    reporting = threading.Thread(target=report)
    reporting.start()
    time.sleep(AROUND_SECONDS / 2)
    body = {"phase": phase, "force": True, "reason": "bench"}
    changed = collector.order("phase", body).seconds
    gate = collector.get(f"/api/v1/gates/{phase}", OPERATOR)
    reporting.join()
    if json.loads(gate.body)["phase"] != phase:
        raise RuntimeError(f"the gate is not that of {phase}")
    return changed, gate.seconds, reported[0]
