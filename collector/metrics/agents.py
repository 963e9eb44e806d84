"""Families about SES agents, rolled up by group and site; always exposed."""

from collections.abc import Iterator
from datetime import datetime

from collector.estate import Estate
from collector.exposition import Type, family, labels
from flows.phases import PHASES


def families(estate: Estate, now: datetime) -> Iterator[str]:
    """Render how agents fare, and their paths by verdict."""
    yield family(
        "gatewatch_group_agents",
        Type.GAUGE,
        "Agents of a group by how the handlers serve them now.",
        (
            (labels({"group": one.group, "src_site": one.site or "", "state": state}), number)
            for one in estate.agent_states(now)
            for state, number in one.counts.items()
        ),
    )
    yield family(
        "gatewatch_agent_paths",
        Type.GAUGE,
        "Paths of a group's agents, by verdict.",
        (
            (labels({**pairs, "verdict": verdict}), number)
            for phase in PHASES
            for one in estate.agent_rollup(phase, now)
            for pairs in [
                {
                    "phase": phase,
                    "group": one.group,
                    "src_site": one.src_site or "",
                    "dst": one.dst,
                    "flow": one.flow,
                }
            ]
            for verdict, number in one.counts.items()
        ),
    )
