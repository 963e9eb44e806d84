"""Reports of ten results: the first ones, the steady state, and beside a scraper."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.collector.estate import Scale
from bench.collector.extent import Extent
from bench.collector.figures import Figure
from bench.collector.loading import Cost, Loader, cost, loading, scraping
from bench.collector.orders import Order
from bench.collector.process import Collector, collecting

SCALE = Scale(agents=1000, handlers=5, per_agent=True)
"""Ten results a report, and some 250,000 series."""
RATE = 4000.0
MOST_SCRAPED_RATE = 2000.0
"""Reports a second beside a scraper: half of what is to be reached, or of what is."""
SCRAPE_EVERY = (1.0, 0.0)
"""Seconds; 0 is without a pause."""
BLOCK_SECONDS = 0.05


def ingest(extent: Extent) -> Iterator[Figure]:
    """Measure what reports cost while a collector does little else, and while it is scraped."""
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), SCALE) as collector:
        with loading([collector], SCALE.agents) as load:
            first = cost([collector], load, Order(reports=SCALE.agents))
            yield Figure("first report of an agent, CPU", "us", [first.microseconds])
            load.send(Order(reports=SCALE.agents))  # what was shown by then is in the plan
            yield from _steady(collector, load, extent)
            yield from _scraped(collector, load, extent)
        yield Figure("resident, 1,000 agents", "MiB", [collector.mib()])


def _steady(collector: Collector, load: Loader, extent: Extent) -> Iterator[Figure]:
    flat_out, steady = Order(seconds=extent.seconds), Order(rate=RATE, seconds=extent.seconds)
    rounds = range(extent.rounds)
    fast = [cost([collector], load, flat_out) for _ in rounds]
    yield Figure("reports flat out", "a second", [one.rate for one in fast], least=RATE)
    yield Figure("a report flat out, CPU", "us", [one.microseconds for one in fast], most=250)
    yield Figure("of a CPU taken by the load", "", [one.told.busy for one in fast])
    before = collector.blocks()
    calm = [cost([collector], load, steady) for _ in rounds]
    yield Figure("reports at 4,000 a second", "a second", [one.rate for one in calm])
    yield Figure("a report at 4,000 a second, CPU", "us", [one.microseconds for one in calm])
    yield from waits("at 4,000 a second", calm, most=100)
    yield Figure("most a second with a p99 under 100 ms", "a second", [_most(load)])
    yield from blocks("at 4,000 a second", before, collector.blocks())


def _most(load: Loader) -> float:
    """Find the highest rate, by hundreds, at which 99 of 100 reports wait less than 100 ms."""
    for rate in range(int(RATE), 0, -100):
        told = load.send(Order(rate=rate, seconds=2.0))
        if told.p99 < 100:
            return float(rate)
    return 0.0


def half_of_most(collector: Collector, load: Loader, most: float) -> float:
    """Choose a rate of reports that leaves a collector half of its time, and no more than most."""
    return min(most, cost([collector], load, Order(seconds=1.0)).rate / 2)


def _scraped(collector: Collector, load: Loader, extent: Extent) -> Iterator[Figure]:
    rate = half_of_most(collector, load, MOST_SCRAPED_RATE)
    order = Order(rate=rate, seconds=extent.seconds)
    collector.get("/metrics/estate")  # the first page is written whole
    for every in SCRAPE_EVERY:
        how = "each second" if every else "without a pause"
        name = f"{rate:,.0f} a second, scraped {how}"
        most = 2.0 if every else None
        yield from beside_scraper(name, collector, load, order, extent.rounds, every, most)


def beside_scraper(  # noqa: PLR0917, PLR0913
    name: str,
    collector: Collector,
    load: Loader,
    order: Order,
    rounds: int,
    every: float,
    most: float | None,
) -> Iterator[Figure]:
    """Compare how long reports wait without and with a scraper, round by round."""
    quiet: list[Cost] = []
    beside: list[Cost] = []
    pages: list[float] = []
    before = collector.blocks()
    for _ in range(rounds):
        quiet.append(cost([collector], load, order))
        with scraping(collector, every) as took:
            beside.append(cost([collector], load, order))
        pages += took
    ratios = [one.told.p99 / other.told.p99 for one, other in zip(beside, quiet, strict=True)]
    yield from waits(f"{name}: without scrapes", quiet)
    yield from waits(name, beside)
    yield Figure(f"{name}: p99 with and without", "times", ratios, most=most)
    yield Figure(f"{name}: a scrape, gzip", "s", pages)
    yield from blocks(name, before, collector.blocks())


def waits(name: str, costs: Sequence[Cost], most: float | None = None) -> Iterator[Figure]:
    """Tell how long reports waited for their answers."""
    yield Figure(f"{name}, p50", "ms", [one.told.p50 for one in costs])
    yield Figure(f"{name}, p99", "ms", [one.told.p99 for one in costs], most=most)


def blocks(name: str, before: dict[float, float], after: dict[float, float]) -> Iterator[Figure]:
    """Tell how often the event loop was blocked too long, and how long the longest block was."""
    new = {most: after[most] - before.get(most, 0) for most in sorted(after)}
    total = new[float("inf")]
    longest = next(most for most in new if new[most] == total)
    long = total - new[BLOCK_SECONDS]
    yield Figure(f"{name}: blocks of the loop over 50 ms", "", [long], most=0)
    yield Figure(f"{name}: longest block, at most", "ms", [longest * 1000])
