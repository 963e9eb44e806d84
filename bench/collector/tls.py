"""Reports over TLS: connections that are kept, and a new one for each report."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.collector.estate import Scale
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.loading import Loader, cost, loader, loading
from bench.collector.orders import Connected, Order, Work
from bench.collector.process import Collector, collecting

SCALE = Scale(agents=1000, handlers=5)
CONNECTING = 16
"""Clients that connect anew for each report."""


def tls(extent: Extent) -> Iterator[Figure]:
    """Measure reports of ten results in the clear and over TLS."""
    for name, is_secure in (("in the clear", False), ("over TLS", True)):
        with (
            tempfile.TemporaryDirectory() as folder,
            collecting(Path(folder), SCALE, tls=is_secure) as collector,
        ):
            with loading([collector], SCALE.agents) as load:
                load.send(Order(reports=2 * SCALE.agents))
                yield from _kept(name, collector, load, extent)
            yield from _each(collector, extent, ("resumed", "full") if is_secure else ("clear",))


def _kept(name: str, collector: Collector, load: Loader, extent: Extent) -> Iterator[Figure]:
    order = Order(seconds=extent.seconds)
    found = [cost([collector], load, order) for _ in range(extent.rounds)]
    yield Figure(f"a report {name}, connections kept, CPU", "us", [c.microseconds for c in found])
    yield Figure(f"reports {name}, connections kept", "a second", [c.rate for c in found])


def _each(collector: Collector, extent: Extent, ways: Sequence[str]) -> Iterator[Figure]:
    ca = str(collector.ca) if collector.ca else None
    work = Work(urls=(collector.url,), agents=SCALE.agents, connections=CONNECTING, ca=ca)
    with loader("connecting", work) as load:
        for way in ways:
            found, costs = [], []
            for _ in range(extent.rounds):
                before = collector.cpu_seconds
                told = load.ask(f"{way} {extent.seconds}", Connected)
                found.append(told)
                costs.append((collector.cpu_seconds - before) / told.reports * 1e6)
            name = f"a report, a connection each, {way if ca is None else f'TLS handshake {way}'}"
            yield Figure(f"{name}, CPU", "us", costs)
            yield Figure(f"{name}", "a second", [one.reports / one.seconds for one in found])
            if ca:
                shares = [one.resumed / one.reports for one in found]
                yield Figure("of these, handshakes that were resumed", "", shares)
