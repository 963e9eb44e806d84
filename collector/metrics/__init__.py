"""What Prometheus sees of the estate (DESIGN 7): made when it asks, from what is known then.

Every name, help and label of `/metrics/estate` stands in this package; docs/metrics.md lists them.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import datetime

from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.exposition import histogram
from collector.metrics import agents, alerts, hosts, phases
from collector.metrics.kept_lines import KeptLines
from collector.verdicts import Verdicts

Page = list[bytes]
"""A page in pieces, to be sent one after the other."""


class EstatePage:
    """`/metrics/estate`: the same on every replica. What is not asked for is not made.

    Agents and their probes are rolled up unless `per_agent`; what left the plan is not there.
    """

    def __init__(self, estate: Estate, connects: ConnectTimes, *, per_agent: bool) -> None:
        self._estate = estate
        self._connects = connects
        self._per_agent = per_agent
        self._lines: tuple[tuple[Verdicts, int], KeptLines] | None = None

    def made(self, clock: Callable[[], datetime]) -> Generator[None, None, Page]:
        """Make the page step by step; reports may be taken in between.

        One at a time. Where another plan or phase comes to hold, it begins anew.
        """
        while True:
            verdicts, epoch = self._estate.judged, self._estate.judged.epoch
            page: Page = []
            for pieces in self._pieces(verdicts, clock):
                page += pieces
                yield
                if self._estate.judged is not verdicts or verdicts.epoch != epoch:
                    break
            else:
                return page

    def _pieces(self, verdicts: Verdicts, clock: Callable[[], datetime]) -> Iterator[Page]:
        """Give the pieces of the page, none where there is only a step between them."""
        lines = self._lines_of(verdicts)
        for _ in lines.renewing(clock()):
            yield []
        yield from lines.families()
        for said in self._families(verdicts, clock):
            yield [said.encode()] if said else []

    def _lines_of(self, verdicts: Verdicts) -> KeptLines:
        written_of = verdicts, verdicts.epoch
        if self._lines is None or self._lines[0] != written_of:
            kept = KeptLines(self._estate.state, verdicts, per_agent=self._per_agent)
            self._lines = written_of, kept
        return self._lines[1]

    def _families(self, verdicts: Verdicts, clock: Callable[[], datetime]) -> Iterator[str]:
        estate, state = self._estate, self._estate.state
        yield histogram(
            "gatewatch_flow_connect_seconds",
            "Time to connect, by flow; only what did connect.",
            self._connects.series(),
        )
        for judging in (phases.families, agents.families):
            now = clock()
            yield from ("" for _ in verdicts.renewing(now))
            yield from judging(estate, now)
        yield from hosts.families(state, clock(), per_agent=self._per_agent)
        now = clock()
        yield from ("" for _ in verdicts.renewing(now))
        yield from alerts.families(state, verdicts, now, per_agent=self._per_agent)
