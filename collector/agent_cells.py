"""Agents by the thousand as cells of a matrix: their paths counted, never listed (DESIGN 3)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from collector.rows import is_pending_as, shade_of
from collector.state import State
from collector.views import AgentCell, CellState
from flows.judging import PathVerdict
from flows.phases import STRENGTH, Expectation, Phase

_WORST_FIRST = {state: rank for rank, state in enumerate(CellState)}


class _Place(NamedTuple):
    """What one cell stands for."""

    group: str
    site: str | None
    flow: str
    dst: str
    proto: str
    port: int


@dataclass(slots=True)
class _Tally:
    """What was counted of a cell so far."""

    expect: Expectation
    worst: PathVerdict
    state: CellState
    since: datetime | None
    suspect: int = 0
    counts: Counter[CellState] = field(default_factory=Counter)

    def take(self, judged: PathVerdict, standing: CellState, since: datetime | None) -> None:
        """Count one path; the worst speaks for all, and the strongest expectation."""
        if _WORST_FIRST[standing] < _WORST_FIRST[self.state]:
            self.worst, self.state, self.since = judged, standing, since
        if STRENGTH[judged.expectation] < STRENGTH[self.expect]:
            self.expect = judged.expectation
        self.counts[standing] += 1


class AgentCells:
    """The cells of a phase: paths of agents by group, site, flow and destination."""

    def __init__(self, state: State, phase: Phase, now: datetime) -> None:
        self._state = state
        self._phase = phase
        self._now = now
        self._tallies: dict[_Place, _Tally] = {}

    def count(self, judged: PathVerdict) -> None:
        """Count a path in each of its groups."""
        path, known = judged.path, self._state.cell(judged.path)
        standing = _state_of(self._state, judged, self._phase, self._now)
        since = known.since if known else None
        site = self._state.inventory.hosts[path.src].site
        for group in path.groups:
            place = _Place(group, site, path.flow, path.dst, path.proto, path.port)
            tally = self._tallies.get(place)
            if tally is None:
                tally = _Tally(judged.expectation, judged, standing, since)
                self._tallies[place] = tally
            tally.take(judged, standing, since)
            tally.suspect += known is not None and known.suspect

    def made(self) -> list[AgentCell]:
        """List the cells."""
        ordered = sorted(
            self._tallies.items(), key=lambda one: (*one[0][:1], one[0].site or "", *one[0][2:])
        )
        return [_cell(place, tally) for place, tally in ordered]


def _state_of(state: State, judged: PathVerdict, phase: Phase, now: datetime) -> CellState:
    if not judged.path.binds(phase):
        return CellState.ADVISED
    shade = shade_of(state, judged, now)
    if is_pending_as(state, judged.path, phase, shade):
        return CellState.PENDING
    return CellState(shade)


def _cell(place: _Place, tally: _Tally) -> AgentCell:
    return AgentCell(
        group=place.group,
        site=place.site,
        flow=place.flow,
        dst=place.dst,
        proto=place.proto,
        port=place.port,
        expect=tally.expect,
        counts={word: count for word in CellState if (count := tally.counts[word])},
        suspect=tally.suspect,
        path=tally.worst.path.id,
        reason=tally.worst.reason,
        since=tally.since,
    )
