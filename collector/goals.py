"""Goals: what a phase exists to bring about, and when that is done (DESIGN 4, Gates).

A goal is a path, or for SES agents a unit of (group, flow, destination). Once reached it counts as
any other path, so the moment must not be missed: a report tells of its own paths and of small
groups, `decide_goals` of all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.assignments import check_key
from collector.judge import Evidence, Judge
from collector.memory import Event, EventKind, Goal
from collector.source import Source
from flows.agents import AgentUnit
from flows.gates import Rules
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.plan import GOALS, Path, Plan, Scope
from flows.verdicts import Verdict

SMALL = 64
"""Paths of a unit that every report of one of its agents may judge anew."""

Judged = Callable[[Path], PathVerdict]


def unit_id(path: Path, group: str) -> str:
    """Name the agents' unit that a path belongs to."""
    return AgentUnit(group, path.flow, path.dst, (), frozenset()).id


def is_pending(path: Path, phase: Phase, reached: Collection[Goal]) -> bool:
    """Decide whether a path is a goal of a phase that is not reached yet."""
    if not path.is_goal(phase):
        return False
    ids = [unit_id(path, group) for group in path.groups] or [path.id]
    return any((phase, one) not in reached for one in ids)


@dataclass(frozen=True, slots=True)
class GoalUnit:
    """A group's paths over one flow to one destination, all of them goals."""

    group: str
    paths: tuple[Path, ...]

    def judged(self, judged: Judged, waived: frozenset[str]) -> AgentUnit:
        """Judge all of its paths."""
        first = self.paths[0]
        verdicts = tuple(judged(path) for path in self.paths)
        return AgentUnit(self.group, first.flow, first.dst, verdicts, waived)


class Goals:
    """The goals of one phase in one plan."""

    def __init__(self, plan: Plan, phase: Phase) -> None:
        self.phase = phase
        self.paths: dict[str, list[Path]] = {}
        """Of sources that are no agents, by source."""
        found: dict[tuple[str, str, str], list[Path]] = {}
        for path in _binding(plan, phase) if phase in GOALS else ():
            for group in path.groups:
                found.setdefault((group, path.flow, path.dst), []).append(path)
            if not path.groups and path.is_goal(phase):
                self.paths.setdefault(path.src, []).append(path)
        self.units = {
            unit_id(paths[0], group): GoalUnit(group, tuple(paths))
            for (group, _, _), paths in found.items()
            if _are_goals(paths, phase)
        }
        self.units_of: Mapping[str, list[str]] = self._units_of()

    def has_any(self, host: str) -> bool:
        """Whether a source has to do with any goal."""
        return host in self.paths or host in self.units_of

    def _units_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, unit in self.units.items():
            for path in unit.paths:
                found.setdefault(path.src, []).append(name)
        return found


def _binding(plan: Plan, phase: Phase) -> Iterator[Path]:
    """Walk the paths that bind; thousands share what is expected of them."""
    known: dict[tuple[int, Scope], bool] = {}
    for path in plan:
        like = id(path.expect), path.scope
        binds = known.get(like)
        if binds is None:
            binds = known[like] = path.binds(phase)
        if binds:
            yield path


def _are_goals(paths: Iterable[Path], phase: Phase) -> bool:
    alike = {(id(path.expect), path.scope): path for path in paths}
    return all(path.is_goal(phase) for path in alike.values())


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks for goals that are reached and were not before."""

    goals: Goals
    reached: Collection[Goal]
    rules: Rules
    waived: frozenset[str]

    @property
    def is_any_open(self) -> bool:
        """Whether a goal is left to reach."""
        paths = (path.id for paths in self.goals.paths.values() for path in paths)
        return any(map(self._is_open, (*self.goals.units, *paths)))

    def of_source(self, host: str, judged: Judged) -> Iterator[tuple[str, str]]:
        """Walk the goals that one source shows to be reached, each with its reason."""
        yield from self._paths(self.goals.paths.get(host, ()), judged)
        for name in self.goals.units_of.get(host, ()):
            unit = self.goals.units[name]
            if len(unit.paths) <= SMALL:
                own = (path for path in unit.paths if path.src == host)
                if self._is_open(name) and any(judged(path).verdict is Verdict.OK for path in own):
                    yield from self._unit(unit.judged(judged, self.waived))

    def of_all(self, judged: Judged, units: Iterable[AgentUnit]) -> Iterator[tuple[str, str]]:
        """Walk all goals that are reached, each with its reason; agents come by their units."""
        for paths in self.goals.paths.values():
            yield from self._paths(paths, judged)
        for unit in units:
            if unit.id in self.goals.units and self._is_open(unit.id):
                yield from self._unit(unit)

    def _is_open(self, name: str) -> bool:
        return (self.goals.phase, name) not in self.reached

    def _paths(self, paths: Collection[Path], judged: Judged) -> Iterator[tuple[str, str]]:
        for path in paths:
            if self._is_open(path.id):
                verdict = judged(path)
                if verdict.verdict is Verdict.OK:
                    yield path.id, verdict.reason

    def _unit(self, unit: AgentUnit) -> Iterator[tuple[str, str]]:
        if self.rules.verdict(unit) is Verdict.OK:
            yield unit.id, unit.reason


def judged_by(
    judge: Judge, sources: Callable[[str], Source], away: Callable[[str], bool], now: datetime
) -> Judged:
    """Judge paths one by one in the current phase, from what their sources saw."""

    def judged(path: Path) -> PathVerdict:
        evidence = Evidence.today(sources(path.src), check_key(path), now, away=away(path.src))
        return judge.in_phase(path, judge.current, evidence)

    return judged


def goal_events(phase: Phase, found: Mapping[str, str], now: datetime) -> Iterator[Event]:
    """Tell of goals that were reached."""
    for name, reason in found.items():
        yield Event(at=now, kind=EventKind.GOAL, subject=name, after=str(phase), reason=reason)
