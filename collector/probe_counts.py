"""How many probes report, without a row for each (DESIGN 7)."""

from collections import Counter
from datetime import datetime

from collector.state import State
from collector.views import AgentProbes, ProbeCounts
from flows.hosts import Host, Role

_AGENT_ALONE = frozenset({Role.AGENT})


def is_agent_alone(host: Host) -> bool:
    """Decide whether a host is an agent and nothing else: one of thousands."""
    return host.roles == _AGENT_ALONE


def probe_counts(state: State, now: datetime) -> ProbeCounts:
    """Count the probes of all hosts, and those of agents by group and site."""
    hosts = [host for host in state.inventory.hosts.values() if host.has_probe]
    up = {host.name for host in hosts if state.is_up(host.name, now)}
    away = {host.name for host in hosts if state.is_away(host.name, now)}
    found: dict[tuple[str, str | None], Counter[str]] = {}
    for agent, groups in state.inventory.groups_by_agent.items():
        for group in groups:
            counts = found.setdefault((group.name, state.inventory.hosts[agent].site), Counter())
            counts.update(probes=1, up=int(agent in up), away=int(agent in away))
    return ProbeCounts(
        probes=len(hosts),
        up=len(up),
        away=len(away),
        agents=tuple(
            AgentProbes(group=group, site=site, **counts)
            for (group, site), counts in sorted(
                found.items(), key=lambda one: (one[0][0], one[0][1] or "")
            )
        ),
    )
