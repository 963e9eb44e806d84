"""What Prometheus sees of this process: the work of the collector itself (`/metrics/self`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from collector.memory import Counts

_FATES = ("accepted", "dropped", "old", "clamped")
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LATE = (*_QUICK, 5.0, 10.0)


class SelfMetrics:
    """The counters of one collector process; built once, handed to whoever counts."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._reports = self._counter("reports", "Reports taken, repeated ones included.")
        results = self._counter("results", "Results in reports, by what became of them.", "fate")
        self._results = {fate: results.labels(fate) for fate in _FATES}
        self.failed_authentications = self._counter(
            "failed_authentications", "Calls with a wrong credential."
        )
        self._refusals = self._counter("refusals", "Calls refused, by kind of problem.", "problem")
        self._writes = self._histogram("store_seconds", "Time of one write to the store.")
        self._scrapes = self._histogram(
            "scrape_seconds", "Time to render a page of metrics.", "page"
        )
        self.loop_lag = self._histogram(
            "loop_lag_seconds",
            "By how much the event loop was late, looked at 100 times a second.",
            buckets=_LATE,
        )
        self.long_polls = Gauge(
            "gatewatch_collector_long_polls", "Probes that wait now.", registry=self._registry
        )
        self.ready = Gauge(
            "gatewatch_collector_ready",
            "1 while reports can be made durable.",
            registry=self._registry,
        )
        self.event_streams = Gauge(
            "gatewatch_collector_event_streams",
            "Readers that follow the events now.",
            registry=self._registry,
        )
        build = Gauge("gatewatch_collector_build_info", "1.", ["version"], registry=self._registry)
        build.labels(version).set(1)

    def _counter(self, name: str, text: str, *names: str) -> Counter:
        return Counter(f"gatewatch_collector_{name}", text, names, registry=self._registry)

    def _histogram(
        self, name: str, text: str, *names: str, buckets: tuple[float, ...] = _QUICK
    ) -> Histogram:
        return Histogram(
            f"gatewatch_collector_{name}", text, names, registry=self._registry, buckets=buckets
        )

    def took(self, counted: Sequence[Counts]) -> None:
        """Count reports and what became of their results."""
        self._reports.inc(len(counted))
        for fate, results in self._results.items():
            number = sum([getattr(counts, fate) for counts in counted])
            if number:
                results.inc(number)

    def refused(self, problem: str) -> None:
        """Count one refusal, by the last word of its problem type."""
        self._refusals.labels(problem).inc()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Time one write to the store."""
        with self._writes.time():
            yield

    @contextmanager
    def rendering(self, page: str) -> Iterator[None]:
        """Time the rendering of a page of metrics."""
        with self._scrapes.labels(page).time():
            yield

    def page(self) -> bytes:
        """Render `/metrics/self`."""
        return generate_latest(_WithoutCreated(self._registry))


class _WithoutCreated(Collector):
    """A registry less the moments at which counters began: they double the series for nothing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family
