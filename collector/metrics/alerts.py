"""Families that were made for alerts alone, about agents and maintenance, in the phase that holds.

What alerts hear of paths one by one is with all else about paths.
"""

from collections.abc import Iterator
from datetime import datetime

from collector.alerts import Told, agent_alerts, maintained
from collector.exposition import Type, family, family_pieces, labels
from collector.state import State
from collector.verdicts import Verdicts


def families(state: State, verdicts: Verdicts, now: datetime, *, per_agent: bool) -> Iterator[str]:
    """Render how agents fare, and who is maintained."""
    alerts, phase = agent_alerts(state, verdicts.crowds(now), now), state.phase
    yield family(
        "gatewatch_agent_paths_watched",
        Type.GAUGE,
        "For alerts: binding paths of agents; broken as gatewatch_path_broken means it.",
        (
            (labels({"phase": phase, **way._asdict(), "state": told}), counts[told])
            for way, counts in sorted(alerts.paths.items())
            for told in Told
        ),
    )
    yield family(
        "gatewatch_agents_broken",
        Type.GAUGE,
        "For alerts: agents whose paths to some or all handlers are broken.",
        (
            (labels({"phase": phase, "group": hit.group, "src_site": hit.src_site, **fare}), lost)
            for hit in alerts.hits
            for fare, lost in (
                ({"state": "degraded"}, hit.degraded),
                ({"state": "cut_off"}, hit.cut_off),
            )
        ),
    )
    yield from _maintained(state, now, per_agent=per_agent)


def _maintained(state: State, now: datetime, *, per_agent: bool) -> Iterator[str]:
    under = maintained(state, now)
    inventory = state.inventory
    named = inventory.hosts if per_agent else (host.name for host in inventory.others)
    return family_pieces(
        "gatewatch_host_maintained",
        Type.GAUGE,
        "1 while the host is under maintenance.",
        ((labels({"host": name}), name in under) for name in sorted(named)),
    )
