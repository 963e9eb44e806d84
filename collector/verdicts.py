"""The verdicts of every phase, and how agents fare, as they are now: kept, and renewed by host."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from collector.crowds import Crowds, seen_of
from collector.kept import Kept
from collector.opinions import Opining, Opinions
from collector.state import State, Touched
from collector.views import AgentCount, RollUp
from flows.agents import AgentState, AgentUnit, agent_state, spoken_paths
from flows.inventory import HandlerGroup
from flows.judging import PathVerdict
from flows.phases import Phase

Place = tuple[str, str | None]
"""A group, and the site of its agents."""
Fares = tuple[tuple[Place, AgentState], ...]
"""How an agent fares in each of its groups."""


class Verdicts:
    """Everything that is judged of one plan while one phase holds."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._opining = Opining(state.judge)
        self._opinions: dict[str, Opinions] = {}
        """By path id."""
        self._crowds = Crowds(state)
        self._groups = state.inventory.groups_by_agent
        self._fares: dict[str, Fares] = {}
        self._states: dict[Place, Counter[AgentState]] = {}
        self._changed: set[str] = set()
        self._wavering: set[str] = set()
        """Hosts of which a report that says the same as before may still change a verdict."""
        self._kept = Kept(state, {*state.plan.by_source, *self._groups}, self._opine)
        self.made = 0
        """Counts how often what is thought of any path became something else."""

    def change(self, touched: Touched) -> None:
        """Note that these hosts reported; who says what it said before need not be judged anew."""
        self._changed.update(touched.otherwise, touched.alike)
        self._kept.change(touched.otherwise)
        self._kept.change(touched.alike & self._wavering)

    def renewing(self, now: datetime) -> Iterator[str]:
        """Judge anew what is old, source by source; whoever stops early may go on later."""
        return self._kept.renewing(now)

    def of(self, phase: Phase, now: datetime) -> Mapping[str, PathVerdict]:
        """Look at the verdicts of a phase by path id; the view follows what is judged later."""
        self._kept.refresh(now)
        return _View(self._state, self._opinions, phase)

    def known(self, path: str) -> Opinions:
        """Look up what was last thought of a path; it must have been judged."""
        return self._opinions[path]

    def take_changed(self) -> set[str]:
        """Name the hosts of which anything is known or thought otherwise since this was asked."""
        changed, self._changed = self._changed, set()
        return changed

    def crowds(self, now: datetime) -> Crowds:
        """Give agents' paths in crowds of which the same is thought."""
        self._kept.refresh(now)
        return self._crowds

    def opinions(self, now: datetime) -> Mapping[str, Opinions]:
        """Look at what all phases think, by path id."""
        self._kept.refresh(now)
        return self._opinions

    def agent_states(self, now: datetime) -> list[AgentCount]:
        """Count how the agents of each group at each site fare."""
        self._kept.refresh(now)
        return [
            AgentCount(group=group, site=site, counts={one: found[one] for one in AgentState})
            for (group, site), found in sorted(
                self._states.items(), key=lambda item: (item[0][0], item[0][1] or "")
            )
        ]

    def agent_rollup(self, phase: Phase, now: datetime) -> list[RollUp]:
        """Count the verdicts of all agents' paths that a phase asks for."""
        self._kept.refresh(now)
        return self._crowds.rollup(phase)

    def agent_units(
        self,
        phase: Phase,
        now: datetime,
        waived: frozenset[str] = frozenset(),
        attested: frozenset[str] = frozenset(),
    ) -> Iterator[AgentUnit]:
        """Roll up the binding paths of agents, by group, flow and destination."""
        self._kept.refresh(now)
        return self._crowds.units(phase, waived, attested)

    def _opine(self, host: str, now: datetime, *, away: bool) -> tuple[Opinions, ...]:
        source = self._state.source(host)
        paths = self._state.plan.by_source.get(host, ())
        found = tuple(self._opining.of(path, source, now, away=away) for path in paths)
        if any(one.rests_on_times for one in found):
            self._wavering.add(host)
        else:
            self._wavering.discard(host)
        turned = False
        for path, after in zip(paths, found, strict=True):
            before = self._opinions.get(path.id)
            if before is not after:
                self._opinions[path.id] = after
                self._crowds.move(path, before, after)
                turned = True
        self._changed.add(host)
        self.made += turned
        if turned or host not in self._fares:
            self._count_fares(host)
        return found

    def _count_fares(self, agent: str) -> None:
        """Count an agent by the paths that its version speaks: a permit never serves."""
        for place, fare in self._fares.get(agent, ()):
            self._states[place][fare] -= 1
        site = self._state.inventory.hosts[agent].site
        fares = tuple(
            ((group.name, site), self._fare(agent, group)) for group in self._groups.get(agent, ())
        )
        for place, fare in fares:
            self._states.setdefault(place, Counter())[fare] += 1
        self._fares[agent] = fares

    def _fare(self, agent: str, group: HandlerGroup) -> AgentState:
        state = self._state
        ids = spoken_paths(state.plan, state.inventory.hosts[agent], group.name, state.phase)
        paths = (state.plan.paths[one] for one in ids if one in state.plan.paths)
        return agent_state(
            [self._opinions[path.id].serving.about(path, seen_of(state, path)) for path in paths]
        )


class _View(Mapping[str, PathVerdict]):
    """The verdicts of a phase: words about a path are made when somebody asks for it."""

    def __init__(self, state: State, opinions: Mapping[str, Opinions], phase: Phase) -> None:
        self._state = state
        self._opinions = opinions
        self._phase = phase

    def __getitem__(self, path_id: str) -> PathVerdict:
        path = self._state.plan.paths[path_id]
        opinion = self._opinions[path_id].phases[self._phase]
        return opinion.about(path, seen_of(self._state, path))

    def __iter__(self) -> Iterator[str]:
        return (path.id for path in self._state.plan.of(self._phase))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path_id: object) -> bool:
        path = self._state.plan.paths.get(path_id) if isinstance(path_id, str) else None
        return path is not None and self._phase in path.expect
