"""Agents by the thousand as cells of a matrix: their paths counted, never listed (DESIGN 3)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from collector.rows import is_pending_as, shade_of
from collector.state import State
from collector.views import AgentCell, CellState
from flows.judging import PathVerdict
from flows.phases import STRENGTH, Expectation, Phase
from flows.plan import Path

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


def agent_cells(
    state: State,
    verdicts: Mapping[str, PathVerdict],
    phase: Phase,
    paths: Iterable[Path],
    now: datetime,
) -> list[AgentCell]:
    """Count the paths of agents by group, site, flow and destination; other paths are left out."""
    tallies: dict[_Place, _Tally] = {}
    hosts = state.inventory.hosts
    for path in paths:
        if path.groups:
            judged = verdicts[path.id]
            standing = _state_of(state, judged, phase, now)
            for group in path.groups:
                site = hosts[path.src].site
                place = _Place(group, site, path.flow, path.dst, path.proto, path.port)
                _count(tallies, place, state, judged, standing)
    ordered = sorted(tallies.items(), key=lambda one: (*one[0][:1], one[0].site or "", *one[0][2:]))
    return [_cell(place, tally) for place, tally in ordered]


def _count(
    tallies: dict[_Place, _Tally],
    place: _Place,
    state: State,
    judged: PathVerdict,
    standing: CellState,
) -> None:
    known = state.cell(judged.path)
    since = known.since if known else None
    tally = tallies.get(place)
    if tally is None:
        tally = tallies[place] = _Tally(judged.expectation, judged, standing, since)
    elif _WORST_FIRST[standing] < _WORST_FIRST[tally.state]:
        tally.worst, tally.state, tally.since = judged, standing, since
    if STRENGTH[judged.expectation] < STRENGTH[tally.expect]:
        tally.expect = judged.expectation
    tally.suspect += known is not None and known.suspect
    tally.counts[standing] += 1


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
