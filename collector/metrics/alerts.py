"""Families that were made for alerts alone, about the phase that holds."""

from collections.abc import Iterator
from datetime import datetime

from collector.alerts import Told
from collector.estate import Estate
from collector.exposition import Type, family, labels
from collector.metrics.paths import path_labels
from flows.plan import Path


def families(estate: Estate, paths: list[Path], now: datetime, *, per_agent: bool) -> Iterator[str]:
    """Render what is in doubt, what turns too often, how agents fare, and who is maintained."""
    yield _in_doubt(estate, paths, now)
    yield _flapping(estate, paths, now)
    yield from _agents(estate, now)
    yield _maintained(estate, now, per_agent=per_agent)


def _in_doubt(estate: Estate, paths: list[Path], now: datetime) -> str:
    hosts, phase = estate.plan.inventory.hosts, estate.phase
    verdicts = estate.verdicts(phase, now)
    return family(
        "gatewatch_path_in_doubt",
        Type.GAUGE,
        "For alerts: 1 while a path of the current phase is unproven and holds its gate up.",
        (
            (
                labels(
                    {
                        "phase": phase,
                        **path_labels(path),
                        "src_site": hosts[path.src].site or "",
                        "dst_site": hosts[path.dst].site or "",
                    }
                ),
                estate.in_doubt(verdicts[path.id], now),
            )
            for path in paths
            if path.binds(phase)
        ),
    )


def _flapping(estate: Estate, paths: list[Path], now: datetime) -> str:
    cells = ((path, estate.cell(path)) for path in paths)
    return family(
        "gatewatch_path_flapping",
        Type.GAUGE,
        "1 while a path turned three times in ten minutes.",
        ((labels(path_labels(path)), cell.flapping(now)) for path, cell in cells if cell),
    )


def _agents(estate: Estate, now: datetime) -> Iterator[str]:
    alerts, phase = estate.agent_alerts(now), estate.phase
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
            (labels({"phase": phase, "group": hit.group, "src_site": hit.src_site, **state}), lost)
            for hit in alerts.hits
            for state, lost in (
                ({"state": "degraded"}, hit.degraded),
                ({"state": "cut_off"}, hit.cut_off),
            )
        ),
    )


def _maintained(estate: Estate, now: datetime, *, per_agent: bool) -> str:
    under = estate.maintained(now)
    named = (
        host.name
        for host in estate.plan.inventory.hosts.values()
        if per_agent or not host.is_plain_agent
    )
    return family(
        "gatewatch_host_maintained",
        Type.GAUGE,
        "1 while the host is under maintenance.",
        ((labels({"host": name}), name in under) for name in sorted(named)),
    )
