"""PostgreSQL: what a report costs one collector and three, and the database behind them."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.collector.estate import Scale, fill_store
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.loading import cost, loading
from bench.collector.orders import Order
from bench.collector.process import LOADING, Collector, collecting, cpu_seconds
from bench.contenders import output_of
from tests.collector.postgres import Server, serving

SCALE = Scale(agents=1000, handlers=5)
"""Ten results a report."""
DURABLE = ("max_connections=60", "shared_buffers=128MB", "autovacuum=off")
"""As it comes, fsync included; a vacuum's work would be counted in one round and not in another."""
REPLICAS = (1, 3)


def postgres(extent: Extent) -> Iterator[Figure]:
    """Measure reports of ten results; the database shares the load's CPU."""
    with serving(*DURABLE) as server:
        for replicas in REPLICAS:
            yield from _measured(server, replicas, extent)


def _measured(server: Server, replicas: int, extent: Extent) -> Iterator[Figure]:
    name = "one collector" if replicas == 1 else f"{replicas} collectors"
    order = Order(seconds=extent.seconds)
    own, database, rates = [], [], []
    with server.database() as url, ExitStack() as stack:
        fill_store(url, SCALE)
        collectors = [stack.enter_context(_collecting(url)) for _ in range(replicas)]
        _pin(server)
        with loading(collectors, SCALE.agents) as load:
            load.send(Order(reports=2 * SCALE.agents))
            for _ in range(extent.rounds):
                before = cpu_seconds(*server.processes)
                taken = cost(collectors, load, order)
                used = cpu_seconds(*server.processes) - before
                own.append(taken.microseconds)
                database.append(used / taken.told.reports * 1e6)
                rates.append(taken.rate)
    shares = [its / (its + ours) for its, ours in zip(database, own, strict=True)]
    yield Figure(f"a report, {name} over PostgreSQL: CPU of all collectors", "us", own)
    yield Figure(f"a report, {name} over PostgreSQL: CPU of the database", "us", database)
    yield Figure(f"{name}: the database's share", "", shares)
    yield Figure(f"{name} over PostgreSQL, all on one CPU", "reports a second", rates)


@contextmanager
def _collecting(url: str) -> Iterator[Collector]:
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), SCALE, url) as one:
        yield one


def _pin(server: Server) -> None:
    """Keep the database off the collectors' CPU."""
    for process in server.processes:
        output_of(["taskset", "--pid", "--cpu-list", str(LOADING), str(process)])
