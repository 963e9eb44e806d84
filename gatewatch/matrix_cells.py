"""The matrix as cells: who calls, whom on which port, and which path speaks for both. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gatewatch.answers import Cell

AGENTS = "agents by group"
OWN = "own flows"
_SECTIONS: Final[Mapping[str, str]] = {
    "console-backend": "consoles",
    "handler-backend": "agent handlers",
    "syslog-tcp": "agent handlers",
    "syslog-udp": "agent handlers",
    "syslog-tls": "agent handlers",
    "sql": "backends",
    "sql-dac": "backends",
    "sql-browser": "backends",
    "policy-update": "backends",
    "public-api": "clients of the API",
    "agent-legacy": "agents",
    "agent": "agents",
    "gatewatch": "probes to the collector",
}
_ORDER = (*dict.fromkeys(_SECTIONS.values()), AGENTS, OWN)
_WORST_FIRST = ("broken", "unproven", "pending", "waived", "attested", "ok", "advised")
_BINDING = frozenset({"serve", "permit", "closed"})

Groups = Mapping[str, Sequence[str]]
"""The groups that roll a path up, by path id; none for other paths."""


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A destination's port."""

    dst: str
    proto: str
    port: int


@dataclass(frozen=True, slots=True)
class Line:
    """A source, or the agents of a group."""

    section: str
    source: str

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands."""
        return _ORDER.index(self.section), self.source


Cells = Mapping[Line, Mapping[Column, list[Cell]]]


def arranged(rows: Iterable[Cell], groups: Groups) -> Cells:
    """Sort paths into the cells of a matrix."""
    lines: dict[Line, dict[Column, list[Cell]]] = {}
    for row in rows:
        column = Column(row.dst, row.proto, row.port)
        for line in _lines(row, groups.get(row.path, ())):
            lines.setdefault(line, {}).setdefault(column, []).append(row)
    return dict(sorted(lines.items(), key=lambda item: item[0].rank))


def _lines(row: Cell, groups: Sequence[str]) -> list[Line]:
    if groups:
        return [Line(AGENTS, group) for group in groups]
    return [Line(_SECTIONS.get(row.flow, OWN), row.src)]


def columns_of(cells: Cells) -> list[Column]:
    """List the columns, each destination's ports side by side."""
    return sorted({column for line in cells.values() for column in line})


def state_of(row: Cell) -> str:
    """Tell what a path counts as: what does not bind is only shown."""
    local = row.scope == "local" and row.expect != "serve"
    if row.expect not in _BINDING or local:
        return "advised"
    return "pending" if row.pending else row.verdict


def speaker(rows: Iterable[Cell]) -> Cell:
    """Choose the path that speaks for a cell: the worst."""
    return min(rows, key=lambda row: badness(state_of(row)))


def badness(state: str) -> int:
    """Order states, the worst first; one that this release does not know is bad."""
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else -1


@dataclass(frozen=True, slots=True)
class Finding:
    """A path that is not ok, or the agents of a group that are not in the same way."""

    row: Cell
    """The one that speaks."""
    state: str
    name: str


def findings(cells: Cells) -> list[Finding]:
    """List what is broken, unproven or not reached yet, the worst first."""
    found: list[Finding] = []
    for line, columns in cells.items():
        for rows in columns.values():
            found += _of_agents(line, rows) if line.section == AGENTS else _of_paths(rows)
    return sorted(found, key=lambda one: (badness(one.state), one.name))


def _of_paths(rows: Iterable[Cell]) -> list[Finding]:
    return [
        Finding(row, state, row.path)
        for row in rows
        if (state := state_of(row)) not in {"ok", "waived", "attested", "advised"}
    ]


def _of_agents(line: Line, rows: Sequence[Cell]) -> list[Finding]:
    alike: dict[tuple[str, str], list[Cell]] = {}
    for one in _of_paths(rows):
        alike.setdefault((one.row.flow, one.state), []).append(one.row)
    return [
        Finding(same[0], state, _name(line, flow, same, rows))
        for (flow, state), same in alike.items()
    ]


def _name(line: Line, flow: str, same: Sequence[Cell], rows: Sequence[Cell]) -> str:
    if len(same) == 1:
        return same[0].path
    total = sum(row.flow == flow for row in rows)
    first = same[0]
    end = f"{first.dst}:{first.proto}/{first.port}"
    return f"{flow}:{line.source} ({len(same)} of {total} agents, as {first.src})>{end}"
