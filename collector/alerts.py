"""What alerts are told beside broken paths: what is in doubt, how agents fare, who is maintained.

All of it is about the phase that holds. Nobody is alerted of what is pending, waived or maintained,
and a break lasts until something else is seen, however long its source is silent (DESIGN 7).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from collector.answers import is_latched
from collector.goals import is_pending
from collector.memory import SilencedBy
from collector.silences import hosts_under
from collector.state import State
from flows.agents import spoken_paths
from flows.judging import PathVerdict
from flows.phases import Expectation
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


def in_doubt(state: State, judged: PathVerdict, now: datetime) -> bool:
    """Decide whether a path is unproven, and holds the gate of the current phase up by it."""
    path, silences = judged.path, state.silences
    return (
        judged.verdict is Verdict.UNPROVEN
        and path.binds(state.phase)
        and not judged.judgement.unverifiable
        and not is_pending(path, state.phase, state.reached)
        and not silences.mutes(path.id, now)
        and not judged.attested_by(silences.by(SilencedBy.ATTESTATION, now))
    )


def agent_alerts(state: State, verdicts: Iterable[PathVerdict], now: datetime) -> AgentAlerts:
    """Roll up what alerts hear of agents, from the verdicts of the current phase."""
    hosts = state.inventory.hosts
    paths: dict[Reaching, Counter[Told]] = {}
    broken: set[str] = set()
    for judged in verdicts:
        path = judged.path
        if not path.groups or not path.binds(state.phase):
            continue
        told = _told(state, judged, now)
        if told is Told.BROKEN:
            broken.add(path.id)
        sites = hosts[path.src].site or "", hosts[path.dst].site or ""
        for group in path.groups:
            way = Reaching(group, sites[0], path.dst, sites[1], path.flow, judged.expectation)
            paths.setdefault(way, Counter())[told] += 1
    return AgentAlerts(paths, tuple(_hits(state, broken)))


def _told(state: State, judged: PathVerdict, now: datetime) -> Told:
    """Tell of one path. What is ok now was seen not to be broken: most need no second look."""
    if judged.verdict is Verdict.OK:
        return Told.OK
    latched = is_latched(state, state.phase, judged.path, now)
    return Told.BROKEN if latched else Told.NEITHER


def _hits(state: State, broken: Collection[str]) -> Iterator[Hit]:
    """Count, by group and site, the agents whose handlers are lost over the flow they speak."""
    hosts = state.inventory.hosts
    hit_sources = {state.plan.paths[path].src for path in broken}
    counts: dict[tuple[str, str], Counter[bool]] = {}
    for agent, groups in state.inventory.groups_by_agent().items():
        host = hosts[agent]
        for group in groups:
            lost = counts.setdefault((group.name, host.site or ""), Counter())
            if agent in hit_sources:
                ids = spoken_paths(state.plan, host, group.name, state.phase)
                if any(one in broken for one in ids):
                    lost[all(one in broken for one in ids)] += 1
    for (name, site), lost in sorted(counts.items(), key=lambda item: item[0]):
        yield Hit(name, site, degraded=lost[False], cut_off=lost[True])


def maintained(state: State, now: datetime) -> frozenset[str]:
    """Name the hosts under maintenance, by their names or their sites."""
    windows = (one for one in state.given.values() if one.kind is SilencedBy.MAINTENANCE)
    found = (hosts_under(state.inventory, one) for one in windows if one.holds(now))
    return frozenset[str]().union(*found)
