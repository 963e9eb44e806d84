"""What alerts are told beside broken paths: what is in doubt, how agents fare, who is maintained.

All of it is about the phase that holds. Nobody is alerted of what is pending, waived or maintained,
and a break lasts until something else is seen, however long its source is silent (DESIGN 7).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from collector.answers import is_attested, is_latched
from collector.crowds import Crowds
from collector.goals import is_pending
from collector.memory import SilencedBy
from collector.opinions import Opinion
from collector.silences import hosts_under
from collector.state import State
from flows.agents import spoken_paths
from flows.phases import Expectation
from flows.plan import Path
from flows.verdicts import Verdict


class Told(StrEnum):
    """What alerts hear of one path of an agent."""

    BROKEN = "broken"
    OK = "ok"
    NEITHER = "neither"
    """Unproven, pending, or silenced by an operator."""


class Reaching(NamedTuple):
    """Agents of a group and site on their way to one handler."""

    group: str
    src_site: str
    dst: str
    dst_site: str
    flow: str
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Hit:
    """Agents of a group and site that lost handlers."""

    group: str
    src_site: str
    degraded: int
    """Those that lost some of them."""
    cut_off: int
    """Those that lost all."""


@dataclass(frozen=True, slots=True)
class AgentAlerts:
    """What alerts hear of all agents."""

    paths: Mapping[Reaching, Counter[Told]]
    hits: tuple[Hit, ...]


def in_doubt(state: State, path: Path, opinion: Opinion, now: datetime) -> bool:
    """Decide whether a path is unproven, and holds the gate of the current phase up by it."""
    judgement = opinion.judgement
    return (
        judgement.verdict is Verdict.UNPROVEN
        and path.binds(state.phase)
        and not judgement.unverifiable
        and not is_pending(path, state.phase, state.reached)
        and not state.silences.mutes(path.id, now)
        and not is_attested(state, path, opinion, now)
    )


def agent_alerts(state: State, crowds: Crowds, now: datetime) -> AgentAlerts:
    """Roll up what alerts hear of agents, from what the current phase thinks of their paths.

    What is ok now was seen not to be broken: most need no second look.
    """
    hosts, phase = state.inventory.hosts, state.phase
    paths: dict[Reaching, Counter[Told]] = {}
    broken: set[str] = set()
    for place, opinions, ids in crowds:
        if phase not in opinions.binding:
            continue
        opinion, site = opinions.phases[phase], hosts[place.dst].site or ""
        way = Reaching(place.group, place.site, place.dst, site, place.flow, opinion.expectation)
        counts = paths.setdefault(way, Counter())
        if opinion.judgement.verdict is Verdict.OK:
            counts[Told.OK] += len(ids)
            continue
        for one in ids:
            if is_latched(state, state.plan.paths[one], opinions, phase, now):
                broken.add(one)
                counts[Told.BROKEN] += 1
            else:
                counts[Told.NEITHER] += 1
    return AgentAlerts(paths, tuple(_hits(state, crowds.places, broken)))


def _hits(
    state: State, places: Collection[tuple[str, str]], broken: Collection[str]
) -> Iterator[Hit]:
    """Count, by group and site, the agents whose handlers are lost over the flow they speak."""
    counts: dict[tuple[str, str], Counter[bool]] = {place: Counter() for place in places}
    for agent in {state.plan.paths[path].src for path in broken}:
        host = state.inventory.hosts[agent]
        for group in state.inventory.groups_by_agent.get(agent, ()):
            ids = spoken_paths(state.plan, host, group.name, state.phase)
            if any(one in broken for one in ids):
                counts[group.name, host.site or ""][all(one in broken for one in ids)] += 1
    for (name, site), lost in sorted(counts.items(), key=lambda item: item[0]):
        yield Hit(name, site, degraded=lost[False], cut_off=lost[True])


def maintained(state: State, now: datetime) -> frozenset[str]:
    """Name the hosts under maintenance, by their names or their sites."""
    windows = (one for one in state.given.values() if one.kind is SilencedBy.MAINTENANCE)
    found = (hosts_under(state.inventory, one) for one in windows if one.holds(now))
    return frozenset[str]().union(*found)
