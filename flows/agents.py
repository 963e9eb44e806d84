"""SES agents by the thousand: rolled up by handler group, never one row each (DESIGN 3 and 4)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from flows.hosts import Host, Role
from flows.judging import PathVerdict
from flows.phases import STRENGTH, Phase
from flows.plan import Plan, path_id
from flows.verdicts import Verdict

LEGACY_FLOW = "agent-legacy"
NEW_FLOW = "agent"


class AgentState(StrEnum):
    """How an agent fares, by the flow that its version speaks."""

    SERVED = "served"
    """Every handler of its group answers it."""
    DEGRADED = "degraded"
    """At least one does."""
    CUT_OFF = "cut_off"
    """None does, and each was seen to be broken."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AgentUnit:
    """All paths of a group's agents over one flow to one destination, judged in a phase."""

    group: str
    flow: str
    dst: str
    judged: tuple[PathVerdict, ...]
    """At least one, waived ones included."""
    waived: frozenset[str]
    alike: Mapping[str, int] = field(default_factory=dict)
    """How many paths one of `judged` speaks for, itself included, by its path; else one."""

    def number(self, judged: Iterable[PathVerdict]) -> int:
        """Count the paths that these speak for."""
        return sum(self.alike.get(one.path.id, 1) for one in judged)

    @property
    def id(self) -> str:
        """Name the unit, unlike any path."""
        return f"{self.flow}:{self.group}/*>{self.dst}"

    @cached_property
    def counted(self) -> tuple[PathVerdict, ...]:
        """Those that no waiver takes out; all of them where waivers would leave none."""
        kept = tuple(one for one in self.judged if one.path.id not in self.waived)
        return kept or self.judged

    @property
    def all_waived(self) -> bool:
        """Whether there is a waiver for each."""
        return all(one.path.id in self.waived for one in self.judged)

    @cached_property
    def fresh(self) -> tuple[PathVerdict, ...]:
        """Those whose agent is switched on and lately measured."""
        return tuple(one for one in self.counted if one.judgement.absence is None)

    @cached_property
    def worst(self) -> PathVerdict:
        """The one that speaks for the unit: fresh and broken before all others."""
        return min(
            self.fresh or self.counted,
            key=lambda one: (_ORDER[one.verdict], STRENGTH[one.expectation], one.path.id),
        )

    def verdict(
        self,
        min_sources: int,
        min_ok: float,
        accepted: Callable[[PathVerdict], bool] = lambda _: False,
    ) -> Verdict:
        """Judge the unit: enough fresh agents, and enough of them ok.

        Broken only if the unproven ones could not save it, unproven else. `accepted` tells which
        of the unproven ones to take for ok, whether fresh or not.
        """
        taken = [one for one in self.counted if accepted(one)]
        others = [one for one in self.fresh if not accepted(one)]
        asked = self.number(taken) + self.number(others)
        if not asked or asked < min_sources:
            return Verdict.UNPROVEN
        counts = self._by_verdict(self.fresh)
        if (counts[Verdict.OK] + self.number(taken)) / asked >= min_ok:
            return Verdict.OK
        lost = (asked - counts[Verdict.BROKEN]) / asked < min_ok
        return Verdict.BROKEN if lost else Verdict.UNPROVEN

    def _by_verdict(self, judged: Iterable[PathVerdict]) -> Counter[Verdict]:
        counts: Counter[Verdict] = Counter()
        for one in judged:
            counts[one.verdict] += self.number([one])
        return counts

    @property
    def reason(self) -> str:
        """Say how many, and why the worst one is what it is."""
        fresh, counted, every = map(self.number, (self.fresh, self.counted, self.judged))
        if not fresh:
            return f"none of {counted} agents has a fresh measurement"
        counts = self._by_verdict(self.fresh)
        words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
        silent = counted - fresh
        off = f", {silent} without a fresh measurement" if silent else ""
        waived = every - counted
        aside = f", {waived} waived" if waived else ""
        worst = self.worst
        why = "" if worst.verdict is Verdict.OK else f"; {worst.path.src}: {worst.reason}"
        return f"of {every} agents {words}{off}{aside}{why}"


_ORDER = {Verdict.BROKEN: 0, Verdict.UNPROVEN: 1, Verdict.OK: 2}


def agent_units(
    plan: Plan,
    phase: Phase,
    verdicts: Mapping[str, PathVerdict],
    waived: frozenset[str] = frozenset(),
) -> Iterator[AgentUnit]:
    """Roll up the binding paths of agents in a phase, by group, flow and destination."""
    found: dict[tuple[str, str, str], list[PathVerdict]] = {}
    for path in plan.of(phase):
        if path.groups and path.binds(phase):
            for group in path.groups:
                found.setdefault((group, path.flow, path.dst), []).append(verdicts[path.id])
    for (group, flow, dst), judged in sorted(found.items(), key=lambda item: item[0]):
        yield AgentUnit(group, flow, dst, tuple(judged), waived)


def flow_spoken(plan: Plan, agent: Host, phase: Phase) -> str:
    """Name the flow that an agent's version speaks in a phase."""
    return NEW_FLOW if plan.versions.is_new(agent, phase, Role.AGENT) else LEGACY_FLOW


def spoken_paths(plan: Plan, agent: Host, group: str, phase: Phase) -> list[str]:
    """List the ids of the paths over which an agent can be served by a group's handlers."""
    flow = flow_spoken(plan, agent, phase)
    ports = plan.inventory.ports
    port = ports.agent if flow == NEW_FLOW else ports.agent_legacy
    handlers = plan.inventory.groups[group].handlers
    return [path_id(flow, agent.name, handler, "tcp", port) for handler in handlers]


def agent_state(serving: Iterable[Verdict]) -> AgentState:
    """Say how an agent fares from its spoken paths, judged as `serve`: a permit never serves."""
    verdicts = tuple(serving)
    if verdicts and all(verdict is Verdict.OK for verdict in verdicts):
        return AgentState.SERVED
    if Verdict.OK in verdicts:
        return AgentState.DEGRADED
    if verdicts and all(verdict is Verdict.BROKEN for verdict in verdicts):
        return AgentState.CUT_OFF
    return AgentState.UNKNOWN
