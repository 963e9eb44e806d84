"""What decisions change, and what follows when they hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.bell import Bell
from collector.checks import flows
from collector.connect_times import ConnectTimes, Spread
from collector.estate import Estate
from collector.memory import CellKey, Changes, Memory
from collector.news import News
from collector.self_metrics import SelfMetrics
from collector.store.batch import Batch, Source, Sources
from collector.store.store import Store
from flows.cells import Cell
from flows.messages import Report


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a collector; one set a process."""

    estate: Estate
    store: Store
    connects: ConnectTimes
    bell: Bell
    news: News
    run_news: News
    """Of runs: new ones, answers, and ends."""
    metrics: SelfMetrics

    def apply(self, changes: Changes) -> None:
        """Let hold what was decided, here or in another collector, and wake whom it concerns."""
        reinstalled = list(self._elsewhere(changes))
        self.estate.apply(changes)
        if changes.plan is not None:
            self.bell.ring()
        elif reinstalled:
            self.bell.ring(reinstalled)
        if changes.events:
            self.news.tell()
        if changes.runs or changes.answers:
            self.run_news.tell()

    def spread(self, reports: Iterable[tuple[Report, Changes]]) -> dict[str, Spread]:
        """Say how long connecting took, with what these reports add."""
        return self.connects.after(
            (flows(self.estate.state, result.check), result)
            for report, changes in reports
            if changes.counts.accepted
            for result in report.results
        )

    def sources(self, batch: Batch) -> Sources:
        """Give the sources that a batch touches, as they are with it."""
        cells = _by_source(batch.changes)
        probes = {host: seen for one in batch.changes for host, seen in one.probes.items()}
        gone = {key for one in batch.changes for key in one.forgotten}
        reporting = (one.host for one in batch.taken)
        touched = {*cells, *probes, *reporting, *(key[0] for key in gone)}
        return {
            host: Source(
                cells=self.estate.cells_with(host, cells.get(host, {}), gone),
                probe=probes.get(host) or self.estate.probe_of(host),
            )
            for host in touched
        }

    def restart(self, memory: Memory, now: datetime) -> None:
        """Go on from what the store holds, whatever was known; everybody looks again."""
        self.estate.restart(memory, now)
        self.connects.apply(memory.connects)
        self.bell.ring()
        self.news.tell()
        self.run_news.tell()

    def _elsewhere(self, changes: Changes) -> Iterator[str]:
        """Walk the hosts that run another system than was known: their deadlines differ."""
        for host, seen in changes.probes.items():
            before = self.estate.probe_of(host)
            if (before.facts.os if before else None) != seen.facts.os:
                yield host


def _by_source(changes: Iterable[Changes]) -> Mapping[str, Mapping[CellKey, Cell]]:
    """Lay later cells over earlier ones, by the host that measured them."""
    joined: dict[str, Mapping[CellKey, Cell]] = {}
    for one in changes:
        for host, cells in one.by_source.items():
            joined[host] = {**joined[host], **cells} if host in joined else cells
    return joined
