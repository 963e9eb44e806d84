"""The verdicts of every phase, and how agents fare, as they are now: kept, and renewed by host."""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime

from collector.crowds import Crowds, seen_of
from collector.kept import Kept
from collector.opinions import Opining, Opinions
from collector.state import State, Touched
from collector.views import AgentCount, RollUp
from flows.agents import AgentState, AgentUnit, agent_state, flow_spoken
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.verdicts import Verdict

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
        self._alike: dict[Fares, Fares] = {}
        """One copy of each: thousands fare alike."""
        self._states: dict[Place, Counter[AgentState]] = {}
        self._changed: set[str] = set()
        self._wavering: set[str] = set()
        """Hosts of which a report that says the same as before may still change a verdict."""
        self._uncounted = set(self._groups)
        """Agents that may fare otherwise than they were counted."""
        self._kept = Kept(state, state.plan.by_source, self._opine)
        self.made = 0
        """Counts how often anything else was seen or thought of any path."""
        self.epoch = 0
        """Counts phases: with each, everything was thought over."""

    def change(self, touched: Touched) -> None:
        """Note that these hosts reported; who says what it said before need not be judged anew."""
        self.made += bool(touched.otherwise)
        self._changed.update(touched.otherwise, touched.alike)
        self._kept.change(touched.otherwise)
        self._kept.change(touched.alike & self._wavering)

    def enter_phase(self) -> None:
        """Think everything over by the phase that holds now."""
        self._opining.think_over(self._state.judge)
        self._uncounted.update(self._groups)
        self.made += 1
        self.epoch += 1

    def renewing(self, now: datetime) -> Generator[str, None, None]:
        """Judge anew what is old, source by source; whoever stops early may go on later."""
        yield from self._kept.renewing(now)
        while self._uncounted:
            agent = self._uncounted.pop()
            self._count_fares(agent)
            yield agent

    def of(self, phase: Phase, now: datetime) -> Mapping[str, PathVerdict]:
        """Look at the verdicts of a phase by path id; the view follows what is judged later."""
        self._refresh(now)
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
        self._refresh(now)
        return self._crowds

    def opinions(self, now: datetime) -> Mapping[str, Opinions]:
        """Look at what all phases think, by path id."""
        self._refresh(now)
        return self._opinions

    def agent_states(self, now: datetime) -> list[AgentCount]:
        """Count how the agents of each group at each site fare."""
        self._refresh(now)
        return [
            AgentCount(group=group, site=site, counts={one: found[one] for one in AgentState})
            for (group, site), found in sorted(
                self._states.items(), key=lambda item: (item[0][0], item[0][1] or "")
            )
        ]

    def agent_rollup(self, phase: Phase, now: datetime) -> list[RollUp]:
        """Count the verdicts of all agents' paths that a phase asks for."""
        self._refresh(now)
        return self._crowds.rollup(phase)

    def agent_units(
        self,
        phase: Phase,
        now: datetime,
        waived: frozenset[str] = frozenset(),
        attested: frozenset[str] = frozenset(),
    ) -> Iterator[AgentUnit]:
        """Roll up the binding paths of agents, by group, flow and destination."""
        self._refresh(now)
        return self._crowds.units(phase, waived, attested)

    def _refresh(self, now: datetime) -> None:
        for _ in self.renewing(now):
            pass

    def _opine(self, host: str, now: datetime, *, away: bool) -> None:
        """Judge a host's paths anew, in every phase."""
        source = self._state.source(host)
        turned = wavering = False
        for path in self._state.plan.by_source.get(host, ()):
            before, after = (
                self._opinions.get(path.id),
                self._opining.of(path, source, now, away=away),
            )
            wavering |= after.basis.rests_on_times
            self._crowds.move(path, before, after)
            if before is not after:
                self._opinions[path.id] = after
                turned = True
        (self._wavering.add if wavering else self._wavering.discard)(host)
        self._changed.add(host)
        if turned:
            self.made += 1
            if host in self._groups:
                self._uncounted.add(host)

    def _count_fares(self, agent: str) -> None:
        """Count an agent by the paths that its version speaks: a permit never serves."""
        for place, fare in self._fares.get(agent, ()):
            self._states[place][fare] -= 1
        host = self._state.inventory.hosts[agent]
        flow = flow_spoken(self._state.plan, host, self._state.phase)
        fares = tuple(
            ((group.name, host.site), agent_state(self._serving(agent, group.name, flow)))
            for group in self._groups[agent]
        )
        for place, fare in fares:
            self._states.setdefault(place, Counter())[fare] += 1
        self._fares[agent] = self._alike.setdefault(fares, fares)

    def _serving(self, agent: str, group: str, flow: str) -> Iterator[Verdict]:
        for path in self._state.plan.by_source.get(agent, ()):
            if path.flow == flow and group in path.groups:
                yield self._opinions[path.id].serving.judgement.verdict


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
