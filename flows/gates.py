"""Gates: may a phase start, or has it reached its goal? (DESIGN 4, Gates)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flows.agents import AgentUnit, agent_units
from flows.conditions import HostProblem, host_problems
from flows.errors import UsageError
from flows.judging import PathVerdict
from flows.outcomes import Outcome
from flows.phases import Expectation, Phase
from flows.plan import Plan
from flows.verdicts import Verdict


class GateState(StrEnum):
    """The answer of a gate."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    INCONCLUSIVE = "INCONCLUSIVE"


class Count(StrEnum):
    """What a unit of a gate counts as; each unit as exactly one."""

    OK = "ok"
    BROKEN = "broken"
    UNPROVEN = "unproven"
    UNVERIFIABLE = "unverifiable"
    PENDING = "pending"
    WAIVED = "waived"
    ATTESTED = "attested"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an agents' unit needs to be ok."""

    min_sources: int = 1
    """Agents with a fresh measurement."""
    min_ok: float = 0.95
    """Share of the fresh ones."""

    def verdict(
        self, unit: AgentUnit, accepted: Callable[[PathVerdict], bool] = lambda _: False
    ) -> Verdict:
        """Judge a unit by these rules; `accepted` as in `AgentUnit.verdict`."""
        return unit.verdict(self.min_sources, self.min_ok, accepted)


@dataclass(frozen=True, slots=True)
class Standing:
    """What operators said and what was reached before; paths by id, agents' units by theirs."""

    waived: frozenset[str] = frozenset()
    attested: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    """Goals of the phase that were ok once."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a gate counts: a path, or for agents one (group, flow, destination)."""

    id: str
    path: str | None
    group: str | None
    flow: str
    dst: str
    expect: Expectation
    verdict: Verdict
    outcome: Outcome | None
    reason: str
    guide: str
    count: Count


@dataclass(frozen=True, slots=True)
class Gate:
    """The answer, and what stands in the way."""

    phase: Phase
    done: bool
    state: GateState
    counts: dict[Count, int] = field(hash=False)
    blockers: tuple[Unit, ...]
    """Broken ones first."""
    hosts: tuple[HostProblem, ...]


def evaluate(  # noqa: PLR0913 - so much does a gate rest on
    plan: Plan,
    phase: Phase,
    verdicts: Mapping[str, PathVerdict],
    standing: Standing,
    rules: Rules,
    *,
    done: bool = False,
    agents: Iterable[AgentUnit] | None = None,
    hosts: Iterable[HostProblem] | None = None,
) -> Gate:
    """Answer a gate from the verdicts of the phase, by path id.

    `agents` are the units of agents where they are rolled up already, `hosts` the problems of hosts
    where they are known.

    Without `done` the phase's own goals are left out: "may it start?"; with it, all are judged.
    Raises UsageError when there is nothing to judge: absence never passes.
    """
    found = list(units(plan, phase, verdicts, standing, rules, done=done, agents=agents))
    problems = tuple(host_problems(plan, phase) if hosts is None else hosts)
    counts = Counter(unit.count for unit in found)
    if sum(counts.values()) == counts[Count.PENDING] and not problems:
        raise UsageError(_nothing_to_judge(phase, counts))
    blockers = [unit for unit in found if unit.count in {Count.BROKEN, Count.UNPROVEN}]
    blockers.sort(key=lambda unit: (unit.count is not Count.BROKEN, unit.flow, unit.id))
    return Gate(
        phase=phase,
        done=done,
        state=_state(counts, problems),
        counts={count: counts[count] for count in Count},
        blockers=tuple(blockers),
        hosts=problems,
    )


def _nothing_to_judge(phase: Phase, counts: Counter[Count]) -> str:
    if counts[Count.PENDING]:
        return (
            f"nothing to judge: {phase} asks for nothing but its own goals; ask whether it is done"
        )
    return f"nothing to judge: the plan asks for nothing in {phase}"


def _state(counts: Counter[Count], hosts: tuple[HostProblem, ...]) -> GateState:
    if counts[Count.BROKEN] or any(host.known for host in hosts):
        return GateState.NOT_READY
    if counts[Count.UNPROVEN] or hosts:
        return GateState.INCONCLUSIVE
    return GateState.READY


def units(  # noqa: PLR0913 - so much does a gate rest on
    plan: Plan,
    phase: Phase,
    verdicts: Mapping[str, PathVerdict],
    standing: Standing,
    rules: Rules,
    *,
    done: bool = False,
    agents: Iterable[AgentUnit] | None = None,
) -> Iterator[Unit]:
    """Walk what a gate counts."""
    for path in plan.singly:
        if path.binds(phase):
            yield _path_unit(verdicts[path.id], phase, standing, done=done)
    if agents is None:
        agents = agent_units(plan, phase, verdicts, standing.waived)
    for unit in agents:
        yield _agents_unit(unit, phase, standing, rules, done=done)


def _path_unit(judged: PathVerdict, phase: Phase, standing: Standing, *, done: bool) -> Unit:
    path = judged.path
    goal = path.is_goal(phase) and not done
    return Unit(
        id=path.id,
        path=path.id,
        group=None,
        flow=path.flow,
        dst=path.dst,
        expect=judged.expectation,
        verdict=judged.verdict,
        outcome=judged.observation.outcome if judged.observation else None,
        reason=judged.reason,
        guide=path.guide,
        count=count_of(judged, standing, goal=goal),
    )


def count_of(judged: PathVerdict, standing: Standing, *, goal: bool) -> Count:
    """Count one path; an unreached goal is pending, a reached one counts as any other."""
    path = judged.path.id
    if judged.verdict is Verdict.OK:
        return Count.OK
    if path in standing.waived:
        return Count.WAIVED
    if goal and path not in standing.reached:
        return Count.PENDING
    if judged.verdict is Verdict.BROKEN:
        return Count.BROKEN
    if judged.attested_by(standing.attested):
        return Count.ATTESTED
    return Count.UNVERIFIABLE if judged.judgement.unverifiable else Count.UNPROVEN


def _agents_unit(
    unit: AgentUnit, phase: Phase, standing: Standing, rules: Rules, *, done: bool
) -> Unit:
    verdict = rules.verdict(unit)
    worst = unit.worst
    goal = not done and all(one.path.is_goal(phase) for one in unit.judged)
    return Unit(
        id=unit.id,
        path=None,
        group=unit.group,
        flow=unit.flow,
        dst=unit.dst,
        expect=worst.expectation,
        verdict=verdict,
        outcome=worst.observation.outcome if worst.observation else None,
        reason=unit.reason,
        guide=worst.path.guide,
        count=_count_of_agents(unit, standing, rules, goal=goal),
    )


def _count_of_agents(unit: AgentUnit, standing: Standing, rules: Rules, *, goal: bool) -> Count:
    verdict = rules.verdict(unit)
    if verdict is Verdict.OK:
        return Count.OK
    if unit.all_waived:
        return Count.WAIVED
    if goal and unit.id not in standing.reached:
        return Count.PENDING
    if verdict is Verdict.BROKEN:
        return Count.BROKEN
    if rules.verdict(unit, lambda one: one.attested_by(standing.attested)) is Verdict.OK:
        return Count.ATTESTED
    silent = rules.verdict(unit, lambda one: one.judgement.unverifiable)
    return Count.UNVERIFIABLE if silent is Verdict.OK else Count.UNPROVEN
