"""The verdicts of a phase, and how agents fare, as they are now: kept, and renewed by host."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from collector.assignments import check_key
from collector.judge import Evidence
from collector.kept import Kept
from collector.state import State
from collector.views import AgentCount, RollUp
from flows.agents import AgentState, agent_state, spoken_paths
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.verdicts import Verdict

Fares = Mapping[str, AgentState]
"""How an agent fares, by group."""


class Verdicts:
    """Everything that is judged of one plan while one phase holds."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._phases: dict[Phase, Kept[tuple[PathVerdict, ...]]] = {}
        self._flat: dict[Phase, dict[str, PathVerdict]] = {}
        self._fares: Kept[Fares] | None = None
        self.made = 0
        """Counts how often verdicts were made anew."""
        self._groups = state.inventory.groups_by_agent()

    def change(self, hosts: Iterable[str]) -> None:
        """Note that these hosts reported."""
        for kept in self._phases.values():
            kept.change(hosts)
        if self._fares is not None:
            self._fares.change(hosts)

    def of(self, phase: Phase, now: datetime) -> Mapping[str, PathVerdict]:
        """Look at the verdicts of a phase by path id; the view follows what is judged later."""
        kept = self._phases.get(phase)
        if kept is None:
            kept = self._phases[phase] = self._of_phase(phase)
            self._flat[phase] = {}
        flat = self._flat[phase]
        answers, anew = kept.refresh(now)
        self.made += bool(anew)
        for host in anew:
            flat.update((one.path.id, one) for one in answers[host])
        return MappingProxyType(flat)

    def agent_states(self, now: datetime) -> list[AgentCount]:
        """Count how the agents of each group at each site fare."""
        if self._fares is None:
            self._fares = Kept(self._state, self._groups, self._fare)
        fares, _ = self._fares.refresh(now)
        hosts = self._state.inventory.hosts
        counts: dict[tuple[str, str | None], Counter[AgentState]] = {}
        for agent, groups in fares.items():
            for group, fare in groups.items():
                counts.setdefault((group, hosts[agent].site), Counter())[fare] += 1
        return [
            AgentCount(group=group, site=site, counts={one: found[one] for one in AgentState})
            for (group, site), found in sorted(counts.items(), key=_place)
        ]

    def agent_rollup(self, phase: Phase, now: datetime) -> list[RollUp]:
        """Count the verdicts of all agents' paths that a phase asks for."""
        hosts = self._state.inventory.hosts
        counts: dict[tuple[str, str | None, str, str], Counter[Verdict]] = {}
        for one in self.of(phase, now).values():
            path = one.path
            for group in path.groups:
                key = (group, hosts[path.src].site, path.dst, path.flow)
                counts.setdefault(key, Counter())[one.verdict] += 1
        return [
            RollUp(
                group=group,
                src_site=site,
                dst=dst,
                flow=flow,
                counts={verdict: found[verdict] for verdict in Verdict},
            )
            for (group, site, dst, flow), found in sorted(counts.items(), key=_place)
        ]

    def _of_phase(self, phase: Phase) -> Kept[tuple[PathVerdict, ...]]:
        def make(host: str, now: datetime, *, away: bool) -> tuple[PathVerdict, ...]:
            return tuple(self._judged(host, phase, now, away=away))

        return Kept(self._state, self._state.plan.by_source, make)

    def _judged(
        self, host: str, phase: Phase, now: datetime, *, away: bool
    ) -> Iterator[PathVerdict]:
        source = self._state.source(host)
        for path in self._state.plan.by_source[host]:
            if phase in path.expect:
                evidence = Evidence.today(source, check_key(path), now, away=away)
                yield self._state.judge.in_phase(path, phase, evidence)

    def _fare(self, host: str, now: datetime, *, away: bool) -> Fares:
        """Judge an agent by the paths that its version speaks: a permit never serves."""
        state = self._state
        source = state.source(host)
        fares: dict[str, AgentState] = {}
        for group in self._groups[host]:
            ids = spoken_paths(state.plan, state.inventory.hosts[host], group.name, state.phase)
            paths = (state.plan.paths[one] for one in ids if one in state.plan.paths)
            evidence = (
                (path, Evidence.today(source, check_key(path), now, away=away)) for path in paths
            )
            fares[group.name] = agent_state(
                [state.judge.as_serving(path, known) for path, known in evidence]
            )
        return fares


def _place(item: tuple[tuple[str | None, ...], object]) -> tuple[str, ...]:
    return tuple(part or "" for part in item[0])
