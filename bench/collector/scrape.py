"""A page of a million series: what it costs, beside prometheus_client and Pushgateway."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.collector.estate import Scale
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.ingest import beside_scraper, half_of_most
from bench.collector.loading import Loader, loading
from bench.collector.orders import Order
from bench.collector.process import Collector, collecting
from bench.collector.rivals import Rival, prometheus_client, pushgateway

AGENTS, HANDLERS = 4000, 5
"""25 series a path, so a million."""
ROUNDS = 3
MOST_INGEST_RATE = 1000.0
SCRAPE_EVERY = 5.0
"""Seconds, beside reports: three times as often as Prometheus does by default."""
TIMES_PROMETHEUS_CLIENT, TIMES_PUSHGATEWAY = 20.0, 5.0


@dataclass(frozen=True, slots=True)
class Scraped:
    """What a page took."""

    body: bytes
    cpu_seconds: float
    wall_seconds: float

    @property
    def series(self) -> int:
        """Count the series of a page that is not compressed."""
        return self.body.count(b"\n") - self.body.count(b"\n#") - self.body.startswith(b"#")


def scrape(extent: Extent) -> Iterator[Figure]:
    """Measure pages of an estate whose agents are exposed one by one, then what others take."""
    scale = Scale(agents=extent.of(AGENTS), handlers=HANDLERS, per_agent=True)
    costs: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), scale) as collector:
        with loading([collector], scale.agents) as load:
            load.send(Order(reports=2 * scale.agents))
            page = _scraped(collector)
            yield Figure("series", "", [page.series])
            yield Figure("a page", "MB", [len(page.body) / 1e6])
            yield from _figures("the first scrape", [page], costs)
            for changed in (0, scale.agents // 100, scale.agents):
                yield from _changed(collector, load, changed, scale, costs)
            rate = half_of_most(collector, load, MOST_INGEST_RATE)
            order = Order(rate=rate, seconds=max(extent.seconds, 2.5 * SCRAPE_EVERY))
            name = f"{rate:,.0f} a second beside {page.series:,} series, scraped each 5 s"
            yield from beside_scraper(name, collector, load, order, 1, SCRAPE_EVERY, most=2)
        yield Figure("resident at most", "MiB", [collector.mib("VmHWM")])
    client, gateway = prometheus_client(page.series), pushgateway(page.body)
    yield from _beside(costs, "prometheus_client", client, TIMES_PROMETHEUS_CLIENT)
    yield from _beside(costs, "Pushgateway", gateway, TIMES_PUSHGATEWAY)


def _changed(
    collector: Collector, load: Loader, changed: int, scale: Scale, costs: dict[str, float]
) -> Iterator[Figure]:
    share = f"a scrape, {changed / scale.agents:.0%} of the agents reported since"
    for name, encoding in ((share, "identity"), (f"{share}, gzip", "gzip")):
        pages = []
        for _ in range(ROUNDS):
            if changed:
                load.send(Order(reports=changed))
            pages.append(_scraped(collector, encoding))
        yield from _figures(name, pages, costs)
    yield Figure("a page, gzip", "MB", [len(pages[-1].body) / 1e6])


def _figures(name: str, pages: Sequence[Scraped], costs: dict[str, float]) -> Iterator[Figure]:
    cpu = Figure(f"{name}: CPU", "s", [page.cpu_seconds for page in pages])
    costs[name] = cpu.median
    yield cpu
    yield Figure(f"{name}: wall", "s", [page.wall_seconds for page in pages])


def _scraped(collector: Collector, encoding: str = "identity") -> Scraped:
    before = collector.cpu_seconds
    answer = collector.get("/metrics/estate", **{"Accept-Encoding": encoding})
    return Scraped(answer.body, collector.cpu_seconds - before, answer.seconds)


def _beside(costs: dict[str, float], name: str, rival: Rival, least: float) -> Iterator[Figure]:
    """Compare with every scrape of ours that is no more than a rival does: none compresses."""
    yield Figure(f"{name}, as many series: CPU", "s", rival.cpu_seconds)
    yield Figure(f"{name}: resident at most", "MiB", [rival.most_mib])
    its = Figure(name, "s", rival.cpu_seconds).median
    for scraped, cpu in costs.items():
        if "gzip" not in scraped:
            times = its / cpu
            yield Figure(f"{name} / {scraped}", "times", [times], least=least)
