"""10,000 probes that wait for a change: what waiting costs, and how soon they hear of a run."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.collector.estate import Scale
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.ingest import blocks
from bench.collector.loading import Loader, loader
from bench.collector.orders import Announced, Work
from bench.collector.process import Collector, collecting

PROBES = 10_000
HANDLERS = 2
OF_ONE, OF_ALL = 7, 3
"""Runs; a collector begins ten a minute."""
MOST_MIB = 200
MOST_MILLISECONDS = 200


def polls(extent: Extent) -> Iterator[Figure]:
    """Measure probes that wait."""
    scale = Scale(agents=extent.of(PROBES), handlers=HANDLERS)
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), scale) as collector:
        work = Work(urls=(collector.url,), agents=scale.agents)
        with loader("waiting", work) as load:
            before = collector.mib()
            load.ask("wait", Announced)
            grown = collector.mib() - before
            yield Figure("probes that wait", "", [_waiting(collector)], least=scale.agents)
            yield Figure("what their waiting takes, resident", "MiB", [grown], most=MOST_MIB)
            yield Figure("a probe that waits", "KiB", [grown * 1024 / scale.agents])
            yield from _told("one host", OF_ONE, collector, load)
            yield from _told("all hosts", OF_ALL, collector, load)


def _told(whom: str, runs: int, collector: Collector, load: Loader) -> Iterator[Figure]:
    """Begin runs, and see when probes hear of them."""
    before, used = collector.blocks(), collector.cpu_seconds
    found = [sorted(load.ask(whom, Announced).waits) for _ in range(runs)]
    cpu = (collector.cpu_seconds - used) / runs
    for name, share in (("p50", 0.5), ("p99", 0.99), ("worst", 1.0)):
        values = [waits[min(len(waits) - 1, int(len(waits) * share))] for waits in found]
        if len(found[0]) > 1 or name == "worst":
            title = f"a run of {whom} is heard of, {name}"
            yield Figure(title, "ms", values, most=MOST_MILLISECONDS)
    heard = statistics.mean(map(len, found))
    yield Figure(f"a run of {whom}, begun, told to {heard:.0f} and cancelled, CPU", "s", [cpu])
    yield from blocks(f"runs of {whom}", before, collector.blocks())


def _waiting(collector: Collector) -> float:
    page = collector.get("/metrics/self").body.decode()
    name = "gatewatch_collector_long_polls "
    (found,) = (line for line in page.splitlines() if line.startswith(name))
    return float(found.removeprefix(name))
