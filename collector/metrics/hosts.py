"""Families about hosts and their probes, and waivers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter

from collector.exposition import Type, family, family_pieces, labels
from collector.memory import SilencedBy
from collector.rows import host_rows
from collector.state import State
from collector.views import HostRow, ProbeView
from flows.hosts import Host


def families(state: State, now: datetime, *, per_agent: bool) -> Iterator[str]:
    """Render what hosts are and how their probes fare; agents' probes rolled up by group.

    Empty pieces between are moments at which others may have their turn.
    """
    agents, others = state.inventory.plain_agents, state.inventory.others
    shown = sorted((*agents, *others), key=attrgetter("name")) if per_agent else others
    rows: list[HostRow] = []
    for row in host_rows(state, shown, now):
        rows.append(row)
        yield ""
    yield from family_pieces(
        "gatewatch_host_info",
        Type.GAUGE,
        "What a host is, and the version that it is known to run.",
        ((labels(_host_labels(row)), 1) for row in rows),
    )
    probes: Probes = []
    for row in rows:
        if row.probe:
            probes.append((labels({"src": row.host}), row.probe))
        yield ""
    yield from _probes(probes)
    yield from _agent_probes(state, agents, now)
    yield _waivers(state)


Probes = list[tuple[str, ProbeView]]


def _probes(probes: Probes) -> Iterator[str]:
    yield from family_pieces(
        "gatewatch_probe_up",
        Type.GAUGE,
        "1 while the probe reports.",
        ((label, probe.up) for label, probe in probes),
    )
    yield from family_pieces(
        "gatewatch_probe_last_seen_timestamp_seconds",
        Type.GAUGE,
        "When the probe last reported.",
        (
            (label, probe.last_seen.timestamp())
            for label, probe in probes
            if probe.last_seen is not None
        ),
    )
    yield from family_pieces(
        "gatewatch_probe_spooled_results",
        Type.GAUGE,
        "Results that wait at the probe for a collector.",
        ((label, probe.spooled) for label, probe in probes if probe.spooled is not None),
    )
    yield from family_pieces(
        "gatewatch_probe_loop_lag_seconds",
        Type.GAUGE,
        "By how much the probe's event loop was late at worst.",
        ((label, probe.loop_lag) for label, probe in probes if probe.loop_lag is not None),
    )
    yield from family_pieces(
        "gatewatch_probe_late_checks_total",
        Type.COUNTER,
        "Checks that began late.",
        ((label, probe.late) for label, probe in probes if probe.late is not None),
    )
    yield from family_pieces(
        "gatewatch_probe_dropped_results_total",
        Type.COUNTER,
        "Results that the probe's spool gave up.",
        ((label, probe.dropped) for label, probe in probes if probe.dropped is not None),
    )
    yield from family_pieces(
        "gatewatch_probe_spool_durable",
        Type.GAUGE,
        "1 while the probe's spool is on its disk, 0 while it is in memory alone.",
        ((label, probe.durable) for label, probe in probes if probe.durable is not None),
    )
    yield from family_pieces(
        "gatewatch_probe_clock_skew_seconds",
        Type.GAUGE,
        "By how much the probe's clock is ahead of the collector's.",
        ((label, probe.skew) for label, probe in probes if probe.skew is not None),
    )


def _agent_probes(state: State, agents: Iterable[Host], now: datetime) -> Iterator[str]:
    groups = state.inventory.groups_by_agent
    counts: dict[tuple[str, str], Counter[str]] = {}
    for agent in agents:
        told = "up" if state.is_up(agent.name, now) else "down"
        for group in groups.get(agent.name, ()):
            counts.setdefault((group.name, agent.site or ""), Counter())[told] += 1
        yield ""
    yield family(
        "gatewatch_agent_probes",
        Type.GAUGE,
        "Probes of agents by group, up or down.",
        (
            (labels({"group": group, "src_site": site, "state": told}), found[told])
            for (group, site), found in sorted(counts.items())
            for told in ("up", "down")
        ),
    )


def _host_labels(row: HostRow) -> dict[str, object]:
    roles = ",".join(sorted(row.roles))
    return {"host": row.host, "site": row.site or "", "roles": roles, "version": row.version or ""}


def _waivers(state: State) -> str:
    ends: dict[str, datetime] = {}
    for waiver in state.silences.all:
        if waiver.kind is not SilencedBy.WAIVER:
            continue
        ends[waiver.glob] = max(waiver.until, ends.get(waiver.glob, waiver.until))
    return family(
        "gatewatch_waiver_end_timestamp_seconds",
        Type.GAUGE,
        "When a waiver ends.",
        ((labels({"path": path}), end.timestamp()) for path, end in sorted(ends.items())),
    )
