"""Families about hosts and their probes, and waivers."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from collector.estate import Estate
from collector.exposition import Type, family, labels
from collector.memory import SilencedBy
from collector.views import HostRow, ProbeView


def families(estate: Estate, now: datetime, *, per_agent: bool) -> Iterator[str]:
    """Render what hosts are and how their probes fare; agents' probes rolled up by group."""
    every = estate.hosts(now)
    agents = {name for name, host in estate.plan.inventory.hosts.items() if host.is_plain_agent}
    rows = [row for row in every if per_agent or row.host not in agents]
    yield family(
        "gatewatch_host_info",
        Type.GAUGE,
        "What a host is, and the version that it is known to run.",
        ((labels(_host_labels(row)), 1) for row in rows),
    )
    yield from _probes([(labels({"src": row.host}), row.probe) for row in rows if row.probe])
    yield _agent_probes(estate, [row for row in every if row.host in agents])
    yield _waivers(estate)


Probes = list[tuple[str, ProbeView]]


def _probes(probes: Probes) -> Iterator[str]:
    yield family(
        "gatewatch_probe_up",
        Type.GAUGE,
        "1 while the probe reports.",
        ((label, probe.up) for label, probe in probes),
    )
    yield family(
        "gatewatch_probe_last_seen_timestamp_seconds",
        Type.GAUGE,
        "When the probe last reported.",
        (
            (label, probe.last_seen.timestamp())
            for label, probe in probes
            if probe.last_seen is not None
        ),
    )
    yield family(
        "gatewatch_probe_spooled_results",
        Type.GAUGE,
        "Results that wait at the probe for a collector.",
        ((label, probe.spooled) for label, probe in probes if probe.spooled is not None),
    )
    yield family(
        "gatewatch_probe_loop_lag_seconds",
        Type.GAUGE,
        "By how much the probe's event loop was late at worst.",
        ((label, probe.loop_lag) for label, probe in probes if probe.loop_lag is not None),
    )
    yield family(
        "gatewatch_probe_late_checks_total",
        Type.COUNTER,
        "Checks that began late.",
        ((label, probe.late) for label, probe in probes if probe.late is not None),
    )
    yield family(
        "gatewatch_probe_dropped_results_total",
        Type.COUNTER,
        "Results that the probe's spool gave up.",
        ((label, probe.dropped) for label, probe in probes if probe.dropped is not None),
    )
    yield family(
        "gatewatch_probe_spool_durable",
        Type.GAUGE,
        "1 while the probe's spool is on its disk, 0 while it is in memory alone.",
        ((label, probe.durable) for label, probe in probes if probe.durable is not None),
    )
    yield family(
        "gatewatch_probe_clock_skew_seconds",
        Type.GAUGE,
        "By how much the probe's clock is ahead of the collector's.",
        ((label, probe.skew) for label, probe in probes if probe.skew is not None),
    )


def _agent_probes(estate: Estate, rows: list[HostRow]) -> str:
    groups = estate.plan.inventory.groups_by_agent()
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        state = "up" if row.probe is not None and row.probe.up else "down"
        for group in groups.get(row.host, ()):
            counts.setdefault((group.name, row.site or ""), Counter())[state] += 1
    return family(
        "gatewatch_agent_probes",
        Type.GAUGE,
        "Probes of agents by group, up or down.",
        (
            (labels({"group": group, "src_site": site, "state": state}), found[state])
            for (group, site), found in sorted(counts.items())
            for state in ("up", "down")
        ),
    )


def _host_labels(row: HostRow) -> dict[str, object]:
    roles = ",".join(sorted(row.roles))
    return {"host": row.host, "site": row.site or "", "roles": roles, "version": row.version or ""}


def _waivers(estate: Estate) -> str:
    ends: dict[str, datetime] = {}
    for _, waiver in estate.silences(SilencedBy.WAIVER):
        ends[waiver.glob] = max(waiver.until, ends.get(waiver.glob, waiver.until))
    return family(
        "gatewatch_waiver_end_timestamp_seconds",
        Type.GAUGE,
        "When a waiver ends.",
        ((labels({"path": path}), end.timestamp()) for path, end in sorted(ends.items())),
    )
