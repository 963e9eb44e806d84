"""The matrix as cells: who calls, whom on which port, and which path speaks for both. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gatewatch.answers import AgentCell, Cell, Matrix

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

_WELL = frozenset({"ok", "waived", "attested", "advised"})


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


@dataclass(frozen=True, slots=True)
class Part:
    """The paths of a cell that count as the same: one, or those of so many agents."""

    state: str
    flow: str
    path: str
    """One of them."""
    expect: str
    reason: str
    since: datetime | None
    suspect: bool = False
    count: int = 1
    agents: int = 0
    """All agents of the group with this flow; 0 where it is no group's."""


Cells = Mapping[Line, Mapping[Column, list[Part]]]


def arranged(matrix: Matrix) -> Cells:
    """Sort paths into the cells of a matrix."""
    lines: dict[Line, dict[Column, list[Part]]] = {}
    for row in matrix.rows:
        line = Line(_SECTIONS.get(row.flow, OWN), row.src)
        cell = lines.setdefault(line, {}).setdefault(Column(row.dst, row.proto, row.port), [])
        cell.append(_part(row))
    for group, column, parts in _by_group(matrix.agents):
        lines.setdefault(Line(AGENTS, group), {}).setdefault(column, []).extend(parts)
    return dict(sorted(lines.items(), key=lambda item: item[0].rank))


def _part(row: Cell) -> Part:
    return Part(
        state=state_of(row),
        flow=row.flow,
        path=row.path,
        expect=row.expect,
        reason=row.reason,
        since=row.since,
        suspect=row.suspect,
    )


def _by_group(agents: Iterable[AgentCell]) -> Iterator[tuple[str, Column, list[Part]]]:
    """Join what is counted by site."""
    found: dict[tuple[str, Column, str], list[AgentCell]] = {}
    for one in agents:
        key = one.group, Column(one.dst, one.proto, one.port), one.flow
        found.setdefault(key, []).append(one)
    for (group, column, _), sites in found.items():
        yield group, column, _parts(sites)


def _parts(sites: Sequence[AgentCell]) -> list[Part]:
    total = sum(count for one in sites for count in one.counts.values())
    parts: dict[str, Part] = {}
    for one in sites:
        speaking = min(one.counts, key=badness)
        for state, count in one.counts.items():
            before = parts.get(state)
            part = Part(
                state=state,
                flow=one.flow,
                path=one.path if state == speaking else "",
                expect=one.expect,
                reason=one.reason if state == speaking else "",
                since=one.since if state == speaking else None,
                suspect=one.suspect > 0,
                agents=total,
            )
            known = before if before and (before.path or not part.path) else part
            parts[state] = replace(known, count=count + (before.count if before else 0))
    return list(parts.values())


def columns_of(cells: Cells) -> list[Column]:
    """List the columns, each destination's ports side by side."""
    return sorted({column for line in cells.values() for column in line})


def state_of(row: Cell) -> str:
    """Tell what a path counts as: what does not bind is only shown."""
    local = row.scope == "local" and row.expect != "serve"
    if row.expect not in _BINDING or local:
        return "advised"
    return "pending" if row.pending else row.verdict


def speaker(parts: Iterable[Part]) -> Part:
    """Choose what speaks for a cell: the worst."""
    return min(parts, key=lambda part: badness(part.state))


def badness(state: str) -> int:
    """Order states, the worst first; one that this release does not know is bad."""
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else -1


@dataclass(frozen=True, slots=True)
class Finding:
    """A path that is not ok, or the agents of a group that are not in the same way."""

    part: Part
    name: str


def findings(cells: Cells) -> list[Finding]:
    """List what is broken, unproven or not reached yet, the worst first."""
    found = [
        Finding(part, _name(line, column, part))
        for line, columns in cells.items()
        for column, parts in columns.items()
        for part in parts
        if part.state not in _WELL
    ]
    return sorted(found, key=lambda one: (badness(one.part.state), one.name))


def _name(line: Line, column: Column, part: Part) -> str:
    if part.path and part.count == 1:
        return part.path
    alike = f", as {_source(part.path)}" if part.path else ""
    end = f"{column.dst}:{column.proto}/{column.port}"
    return f"{part.flow}:{line.source} ({part.count} of {part.agents} agents{alike})>{end}"


def _source(path: str) -> str:
    """Read the source out of a path's id."""
    return path.partition(":")[2].partition(">")[0]
