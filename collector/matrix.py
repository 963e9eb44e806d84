"""The matrix of a phase: a row for each path, or agents counted in cells (DESIGN 3)."""

import heapq
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime

from collector.agent_cells import AgentCells
from collector.rows import matrix_row
from collector.state import State
from collector.views import AgentCell, MatrixRow
from collector.wanted import Wanted
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.verdicts import Verdict

_BADNESS = {Verdict.BROKEN: 0, Verdict.UNPROVEN: 1, Verdict.OK: 2}
Verdicts = Mapping[str, PathVerdict]
"""Of a phase, by path id."""


def matrix_rows(
    state: State,
    verdicts: Verdicts,
    phase: Phase,
    now: datetime,
    wanted: Wanted,
    *,
    worst: int | None = None,
) -> Iterator[MatrixRow]:
    """Walk a row for each path that a phase asks for.

    `worst` asks for so many at most, what is broken first.
    """
    judged: Iterable[PathVerdict] = (verdicts[path.id] for path in wanted.paths(state.plan, phase))
    if worst is not None:
        judged = heapq.nsmallest(worst, judged, key=lambda one: _BADNESS[one.verdict])
    return (matrix_row(state, one, phase, now) for one in judged)


def matrix_rolled_up(
    state: State, verdicts: Verdicts, phase: Phase, now: datetime, wanted: Wanted
) -> Generator[None, None, tuple[list[MatrixRow], list[AgentCell]]]:
    """List the rows of paths that are no group's agents', and count those of agents.

    Step by step; another plan in between makes nonsense of it, or a KeyError.
    """
    rows: list[MatrixRow] = []
    cells = AgentCells(state, phase, now)
    for path in wanted.paths(state.plan, phase):
        if path.groups:
            cells.count(verdicts[path.id])
        else:
            rows.append(matrix_row(state, verdicts[path.id], phase, now))
        yield
    return rows, cells.made()
