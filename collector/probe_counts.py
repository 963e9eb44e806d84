"""How many probes report, without a row for each (DESIGN 7)."""

from collections import Counter
from collections.abc import Generator
from datetime import datetime

from collector.state import State
from collector.views import AgentProbes, ProbeCounts
from flows.hosts import Host, Role

_AGENT_ALONE = frozenset({Role.AGENT})


def is_agent_alone(host: Host) -> bool:
    """Decide whether a host is an agent and nothing else: one of thousands."""
    return host.roles == _AGENT_ALONE


def probe_counts(state: State, now: datetime) -> Generator[None, None, ProbeCounts]:
    """Count the probes of all hosts, and those of agents by group and site; host by host."""
    groups = state.inventory.groups_by_agent
    every: Counter[str] = Counter()
    found: dict[tuple[str, str], Counter[str]] = {}
    for host in state.inventory.hosts.values():
        if host.has_probe:
            told = {
                "probes": 1,
                "up": int(state.is_up(host.name, now)),
                "away": int(state.is_away(host.name, now)),
            }
            every.update(told)
            for group in groups.get(host.name, ()):
                found.setdefault((group.name, host.site or ""), Counter()).update(told)
        yield
    return ProbeCounts(
        probes=every["probes"],
        up=every["up"],
        away=every["away"],
        agents=tuple(
            AgentProbes(group=group, site=site or None, **counts)
            for (group, site), counts in sorted(found.items())
        ),
    )
