"""Agents by the thousand: their paths in crowds of which the same is thought, counted as they move.

A gate, and a roll-up, ask how many think what, and let one path speak for all that are alike.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from collector.assignments import check_key
from collector.judge import Judge
from collector.opinions import Opinion, Opinions
from collector.state import State
from collector.views import RollUp
from flows.agents import AgentUnit
from flows.judging import PathVerdict
from flows.outcomes import Observation
from flows.phases import Phase
from flows.plan import Path
from flows.verdicts import Verdict


class Place(NamedTuple):
    """Paths of a group's agents at a site over one flow to one destination."""

    group: str
    site: str
    """Empty for none."""
    dst: str
    flow: str


class Crowd:
    """Paths of which the same is thought, by id."""

    __slots__ = ("_eldest", "_first", "_is_eldest_known", "ids")

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self._first: str | None = None
        """None where it has to be looked for."""
        self._eldest: tuple[datetime, str] | None = None
        """The path that has been as it is for the longest; None where none was ever measured."""
        self._is_eldest_known = True

    @property
    def first(self) -> str:
        """Name the path whose id comes first."""
        if self._first is None:
            self._first = min(self.ids)
        return self._first

    def since(self, since_of: Callable[[str], datetime | None]) -> datetime | None:
        """Tell since when the eldest has been as it is; None where nobody knows of any."""
        if not self._is_eldest_known:
            known = ((since_of(path), path) for path in self.ids)
            self._eldest = min(((since, path) for since, path in known if since), default=None)
            self._is_eldest_known = True
        return self._eldest[0] if self._eldest else None

    def add(self, path: str, since: datetime | None) -> None:
        """Take a path in that has been as it is since then, or tell that anew."""
        if self._eldest == (since, path):
            return
        if not self.ids or (self._first is not None and path < self._first):
            self._first = path
        self._forget_eldest(path)
        if since is not None and (self._eldest is None or since < self._eldest[0]):
            self._eldest = since, path
        self.ids.add(path)

    def remove(self, path: str) -> None:
        """Let a path go."""
        self.ids.remove(path)
        if path == self._first:
            self._first = None
        self._forget_eldest(path)

    def _forget_eldest(self, path: str) -> None:
        if self._eldest is not None and path == self._eldest[1]:
            self._eldest, self._is_eldest_known = None, False


class Crowds:
    """All crowds of an estate's agents."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._crowds: dict[Place, dict[Opinions, Crowd]] = {}

    def move(self, path: Path, before: Opinions | None, after: Opinions) -> None:
        """Note what is thought of a path now; None before is nothing yet."""
        site = self._state.inventory.hosts[path.src].site or ""
        since = self._since_of(path.id) if path.groups else None
        for group in path.groups:
            crowds = self._crowds.setdefault(Place(group, site, path.dst, path.flow), {})
            if before is not None and before is not after:
                left = crowds[before]
                left.remove(path.id)
                if not left.ids:
                    del crowds[before]
            crowds.setdefault(after, Crowd()).add(path.id, since)

    def _since_of(self, path: str) -> datetime | None:
        cell = self._state.cell(self._state.plan.paths[path])
        return cell.since if cell else None

    def __iter__(self) -> Iterator[tuple[Place, Opinions, Collection[str]]]:
        """Walk all crowds: where they are, what is thought of them, and the ids of their paths."""
        for place, crowds in sorted(self._crowds.items()):
            for opinions, crowd in crowds.items():
                yield place, opinions, crowd.ids

    @property
    def places(self) -> set[tuple[str, str]]:
        """Name the groups that have agents, each with their sites; empty for none."""
        return {(place.group, place.site) for place in self._crowds}

    def since(
        self, group: str, flow: str, dst: str, phase: Phase, verdict: Verdict
    ) -> datetime | None:
        """Tell since when a path of a unit has been as this verdict says; None for ever."""
        moments = (
            crowd.since(self._since_of)
            for place, crowds in self._crowds.items()
            if (place.group, place.flow, place.dst) == (group, flow, dst)
            for opinions, crowd in crowds.items()
            if phase in opinions.phases and opinions.phases[phase].judgement.verdict is verdict
        )
        return min((one for one in moments if one is not None), default=None)

    def rollup(self, phase: Phase) -> list[RollUp]:
        """Count the verdicts of a phase by place."""
        rows: list[RollUp] = []
        for place, crowds in sorted(self._crowds.items()):
            counts: Counter[Verdict] = Counter()
            for opinions, crowd in crowds.items():
                if phase in opinions.phases:
                    counts[opinions.phases[phase].judgement.verdict] += len(crowd.ids)
            if counts:
                rows.append(
                    RollUp(
                        group=place.group,
                        src_site=place.site or None,
                        dst=place.dst,
                        flow=place.flow,
                        counts={verdict: counts[verdict] for verdict in Verdict},
                    )
                )
        return rows

    def units(
        self,
        phase: Phase,
        waived: frozenset[str],
        attested: frozenset[str],
        judge: Judge | None = None,
    ) -> Iterator[AgentUnit]:
        """Roll up what binds in a phase by group, flow and destination, over all sites.

        Paths of which an operator said something speak for themselves. Another judge may be asked
        what it would think.
        """
        apart = waived | attested
        found: dict[tuple[str, str, str], dict[Opinions, list[Crowd]]] = {}
        for place, crowds in self._crowds.items():
            unit = found.setdefault((place.group, place.flow, place.dst), {})
            for opinions, crowd in crowds.items():
                if phase in opinions.binding:
                    unit.setdefault(opinions, []).append(crowd)
        for (group, flow, dst), unit in sorted(found.items()):
            if unit:
                thought = {
                    one: (Opinions(judge, one.basis) if judge else one).phases[phase]
                    for one in unit
                }
                judged, alike = self._speakers(unit, thought, apart)
                yield AgentUnit(group, flow, dst, tuple(judged), waived, alike)

    def _speakers(
        self,
        found: Mapping[Opinions, list[Crowd]],
        thought: Mapping[Opinions, Opinion],
        apart: frozenset[str],
    ) -> tuple[list[PathVerdict], dict[str, int]]:
        """Let the first path of those that are alike speak, and count whom it speaks for."""
        judged: list[PathVerdict] = []
        alike: dict[str, int] = {}
        for opinions, crowds in found.items():
            singled = {path for one in crowds for path in one.ids & apart} if apart else set()
            rest = sum(len(one.ids) for one in crowds) - len(singled)
            speaking = sorted(singled)
            if rest:
                first = _first_of(crowds, singled)
                alike[first] = rest
                speaking.append(first)
            paths = (self._state.plan.paths[one] for one in speaking)
            opinion = thought[opinions]
            judged += (opinion.about(path, seen_of(self._state, path)) for path in paths)
        return judged, alike


def _first_of(crowds: list[Crowd], but: set[str]) -> str:
    if not but:
        return min(one.first for one in crowds)
    return min(path for one in crowds for path in one.ids if path not in but)


def seen_of(state: State, path: Path) -> Observation | None:
    """Look up what is confirmed of a path."""
    cell = state.cells.get(check_key(path))
    return cell.confirmed if cell else None
