"""Families about SES agents, rolled up by group and site; always exposed."""

from collections.abc import Iterator
from datetime import datetime

from collector.estate import Estate
from collector.exposition import Type, family, family_pieces, labels, pairs
from collector.views import RollUp
from flows.phases import PHASES, Phase


def families(estate: Estate, now: datetime) -> Iterator[str]:
    """Render how agents fare, and their paths by verdict: many, where there are many sites."""
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
    yield from family_pieces(
        "gatewatch_agent_paths",
        Type.GAUGE,
        "Paths of a group's agents, by verdict.",
        (
            (f'{{{place},verdict="{verdict}"}}', number)
            for phase in PHASES
            for one in estate.agent_rollup(phase, now)
            for place in [_place(phase, one)]
            for verdict, number in one.counts.items()
        ),
    )


def _place(phase: Phase, one: RollUp) -> str:
    """Write what the verdicts of a place share: there are thousands of such lines."""
    return pairs(
        {
            "phase": phase,
            "group": one.group,
            "src_site": one.src_site or "",
            "dst": one.dst,
            "flow": one.flow,
        }
    )
