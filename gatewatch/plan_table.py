"""A plan as a table for people: agents of a group in one row, coloured by expectation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.phases import PHASES, STRENGTH, Expectation, Phase
from flows.plan import Path, Scope
from gatewatch.terminal import EXPECTATION_STYLES, FAINT, printable, styled, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class Line:
    """A path, or the paths of a group's agents that differ in nothing but the agent."""

    path: Path
    agents: int = 1

    @property
    def source(self) -> str:
        """Who calls."""
        if self.agents == 1:
            return self.path.src
        return f"{', '.join(self.path.groups)}: {self.agents} agents"


def rolled_up(paths: Iterable[Path]) -> list[Line]:
    """Join the paths of agents that are asked the same, in the order of their first."""
    counted: Counter[object] = Counter()
    first: dict[object, Path] = {}
    for path in paths:
        key = _key(path) if path.groups else path.id
        counted[key] += 1
        first.setdefault(key, path)
    return [Line(path, counted[key]) for key, path in first.items()]


def _key(path: Path) -> object:
    asked = tuple(path.expect.get(phase) for phase in PHASES)
    return path.groups, path.flow, path.dst, path.proto, path.port, path.scope, asked


def show_all_phases(lines: Iterable[Line], console: "Console") -> None:
    """Print what every phase expects, a section for each flow."""
    made = table(("flow", "source", "destination", "port", *PHASES), folding=("flow",))
    before = None
    for line in lines:
        if before not in {None, line.path.flow}:
            made.add_section()
        before = line.path.flow
        asked = (_expectation(line.path.expect.get(phase)) for phase in PHASES)
        made.add_row(line.path.flow, *_ends(line), *asked)
    console.print(made)


def show_phase(lines: Iterable[Line], phase: Phase, console: "Console") -> None:
    """Print what one phase expects, a section for each expectation, the strongest first."""
    headings = ("expected", "source", "destination", "port", "address", "flow", "guide")
    made = table(headings, folding=("address", "guide"))
    before = None
    for line in sorted(lines, key=lambda line: STRENGTH[line.path.expect[phase]]):
        asked = line.path.expect[phase]
        if before not in {None, asked}:
            made.add_section()
        before = asked
        path = line.path
        about = (path.dst_address, path.flow, printable(path.guide))
        made.add_row(_expectation(asked), *_ends(line), *about)
    console.print(made)


def summary(paths: Iterable[Path], phase: Phase | None) -> str:
    """Count the paths, by expectation where a phase is named."""
    found = list(paths)
    total = f"{len(found)} path{'' if len(found) == 1 else 's'}"
    if phase is None or not found:
        return total
    counts = Counter(path.expect[phase] for path in found)
    return f"{total} in {phase}: " + ", ".join(
        f"{counts[asked]} {asked}" for asked in Expectation if counts[asked]
    )


def _ends(line: Line) -> tuple[str, "Text", str]:
    path = line.path
    destination = styled(path.dst, "")
    if path.scope is Scope.LOCAL:
        destination.append(" (local)", style=FAINT)
    return line.source, destination, f"{path.proto}/{path.port}"


def _expectation(asked: Expectation | None) -> "Text":
    return styled("-", FAINT) if asked is None else styled(asked, EXPECTATION_STYLES[asked])
