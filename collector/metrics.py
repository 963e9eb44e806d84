"""What Prometheus sees of the estate: each name, help and label of DESIGN 7 stands in this file."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta

from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.exposition import Type, family, histogram, labels
from collector.views import GateAnswer, HostRow
from flows.cells import Cell
from flows.errors import UsageError
from flows.gates import GateState
from flows.hosts import Role
from flows.judging import PathVerdict
from flows.outcomes import Observation, Stage
from flows.phases import PHASES, Phase
from flows.plan import Path
from flows.verdicts import Verdict

Sample = tuple[str, float]
_DAY = timedelta(days=1)


def estate_page(
    estate: Estate, connects: ConnectTimes, now: datetime, *, per_agent: bool = False
) -> bytes:
    """Render `/metrics/estate`: the same on every replica.

    Agents and their probes are rolled up unless `per_agent`; what left the plan is not there.
    """
    paths = [path for path in estate.plan if per_agent or not path.groups]
    families = (
        *_by_phase(estate, paths, now),
        *_by_path(estate, paths, now),
        histogram(
            "gatewatch_flow_connect_seconds",
            "Time to connect, by flow; only what did connect.",
            connects.series(),
        ),
        *_phases(estate, now),
        *_agents(estate, now),
        *_hosts(estate.hosts(now), per_agent=per_agent),
        _waivers(estate),
    )
    return "".join(families).encode()


def _path_labels(path: Path) -> dict[str, object]:
    return {
        "flow": path.flow,
        "src": path.src,
        "dst": path.dst,
        "proto": path.proto,
        "port": path.port,
    }


def _by_phase(estate: Estate, paths: list[Path], now: datetime) -> Iterator[str]:
    hosts = estate.plan.inventory.hosts
    ok: list[Sample] = []
    unproven: list[Sample] = []
    broken: list[Sample] = []
    info: list[Sample] = []
    for phase in PHASES:
        judged = estate.verdicts(phase, now)
        for path in paths:
            one = judged.get(path.id)
            if one is None:
                continue
            pairs = {"phase": phase, **_path_labels(path)}
            label = labels(pairs)
            unproven.append((label, one.verdict is Verdict.UNPROVEN))
            if one.verdict is not Verdict.UNPROVEN:
                ok.append((label, one.verdict is Verdict.OK))
            asked = {"expect": one.expectation, "scope": path.scope, "guide": path.guide}
            info.append((labels({**pairs, **asked}), 1))
            if path.binds(phase):
                sites = {
                    "src_site": hosts[path.src].site or "",
                    "dst_site": hosts[path.dst].site or "",
                }
                latch = estate.broken_latch(phase, path.id, now)
                broken.append((labels({**pairs, **sites}), latch))
    yield family(
        "gatewatch_path_ok",
        Type.GAUGE,
        "1 ok, 0 broken, as judged whatever was waived; absent while unproven.",
        ok,
    )
    yield family(
        "gatewatch_path_unproven", Type.GAUGE, "1 while the path is unproven, else 0.", unproven
    )
    yield family(
        "gatewatch_path_broken",
        Type.GAUGE,
        "For alerts: 1 from a confirmed break until a fresh observation is not broken.",
        broken,
    )
    yield family(
        "gatewatch_path_info",
        Type.GAUGE,
        "What a phase expects of a path, and the row of the guide that asks for it.",
        info,
    )


Read = Callable[[Path, PathVerdict, Cell], float | None]


def _by_path(estate: Estate, paths: list[Path], now: datetime) -> Iterator[str]:
    seen = list(_seen(estate, paths, now))
    outcomes: list[Sample] = []
    for path, judged, _ in seen:
        outcome = judged.observation.outcome if judged.observation else ""
        pairs = {**_path_labels(path), "outcome": outcome, "identity": judged.identity or ""}
        outcomes.append((labels(pairs), 1))
    yield family(
        "gatewatch_path_outcome_info",
        Type.GAUGE,
        "1 for the current outcome of a path, and whether the right service answered.",
        outcomes,
    )
    readings: tuple[tuple[str, str, Read], ...] = (
        (
            "gatewatch_path_rtt_seconds",
            "The kernel's own round trip of the last connection.",
            lambda _path, judged, _cell: _observed(judged).rtt_seconds,
        ),
        (
            "gatewatch_path_connect_seconds",
            "Time that the last connect took.",
            lambda _path, judged, _cell: _observed(judged).stages.get(Stage.CONNECT),
        ),
        (
            "gatewatch_path_last_observed_timestamp_seconds",
            "When the path was last measured.",
            lambda _path, _judged, cell: cell.observed_at.timestamp(),
        ),
        (
            "gatewatch_path_loss_timestamp_seconds",
            "When a broken syslog path starts to lose logs; absent while it is ok.",
            lambda path, _judged, _cell: _stamp(estate.loss_at(path.id, now)),
        ),
    )
    for name, text, read in readings:
        samples = ((labels(_path_labels(path)), read(path, one, cell)) for path, one, cell in seen)
        known = ((label, value) for label, value in samples if value is not None)
        yield family(name, Type.GAUGE, text, known)
    yield _silenced(estate, paths)
    yield _certificates(seen)


def _seen(
    estate: Estate, paths: list[Path], now: datetime
) -> Iterator[tuple[Path, PathVerdict, Cell]]:
    """Walk what was measured, as the current phase sees it, or the first that asks for it."""
    for path in paths:
        cell = estate.cell(path)
        phase = estate.phase if estate.phase in path.expect else next(iter(path.expect), None)
        if cell is not None and phase is not None:
            yield path, estate.verdicts(phase, now)[path.id], cell


def _observed(judged: PathVerdict) -> Observation:
    assert judged.observation is not None  # noqa: S101 - a cell holds one
    return judged.observation


def _stamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _silenced(estate: Estate, paths: list[Path]) -> str:
    pairs = ((path, estate.silenced(path.id)) for path in paths)
    return family(
        "gatewatch_path_silenced",
        Type.GAUGE,
        "1 where an operator keeps a path out of alerts.",
        ((labels({**_path_labels(path), "by": by}), 1) for path, by in pairs if by is not None),
    )


def _certificates(seen: Iterable[tuple[Path, PathVerdict, Cell]]) -> str:
    expiry: dict[str, float] = {}
    for path, judged, _ in seen:
        certificate = _observed(judged).certificate
        if certificate is not None and certificate.not_after is not None:
            pairs = {"src": path.src, "dst": path.dst, "port": path.port}
            expiry[labels(pairs)] = certificate.not_after.timestamp()
    return family(
        "gatewatch_certificate_expiry_timestamp_seconds",
        Type.GAUGE,
        "When the certificate that the source was shown expires.",
        expiry.items(),
    )


def _phases(estate: Estate, now: datetime) -> Iterator[str]:
    ready = {phase: _gate(estate, phase, now, done=False) for phase in PHASES}
    done = {phase: _gate(estate, phase, now, done=True) for phase in PHASES}
    yield family(
        "gatewatch_phase_current",
        Type.GAUGE,
        "1 for the phase that holds.",
        ((labels({"phase": phase}), phase is estate.phase) for phase in PHASES),
    )
    yield family(
        "gatewatch_phase_ready",
        Type.GAUGE,
        "1 if the phase may start: its gate is READY.",
        ((labels({"phase": phase}), _is_ready(gate)) for phase, gate in ready.items()),
    )
    yield family(
        "gatewatch_phase_done",
        Type.GAUGE,
        "1 if the phase has reached its goal.",
        ((labels({"phase": phase}), _is_ready(gate)) for phase, gate in done.items()),
    )
    yield family(
        "gatewatch_phase_paths",
        Type.GAUGE,
        "What the gate of a phase counts: binding paths, agents by group, flow and handler.",
        (
            (labels({"phase": phase, "verdict": count}), number)
            for phase, answer in ready.items()
            if answer is not None
            for count, number in answer.gate.counts.items()
        ),
    )


def _gate(estate: Estate, phase: Phase, now: datetime, *, done: bool) -> GateAnswer | None:
    try:
        return estate.gate(phase, now, done=done)
    except UsageError:  # nothing to judge there, and nothing is never ready
        return None


def _is_ready(answer: GateAnswer | None) -> bool:
    return answer is not None and answer.gate.state is GateState.READY


def _agents(estate: Estate, now: datetime) -> Iterator[str]:
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


def _hosts(rows: list[HostRow], *, per_agent: bool) -> Iterator[str]:
    rows = [row for row in rows if per_agent or set(row.roles) != {Role.AGENT}]
    yield family(
        "gatewatch_host_info",
        Type.GAUGE,
        "What a host is, and the version that it is known to run.",
        ((labels(_host_labels(row)), 1) for row in rows),
    )
    probes = [(labels({"src": row.host}), row.probe) for row in rows if row.probe is not None]
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


def _host_labels(row: HostRow) -> dict[str, object]:
    roles = ",".join(sorted(row.roles))
    return {"host": row.host, "site": row.site or "", "roles": roles, "version": row.version or ""}


def _waivers(estate: Estate) -> str:
    ends = (
        (waiver.path, datetime.combine(waiver.until, time.min, UTC) + _DAY)
        for waiver in estate.plan.inventory.waivers
    )
    return family(
        "gatewatch_waiver_end_timestamp_seconds",
        Type.GAUGE,
        "When a waiver ends.",
        ((labels({"path": path}), end.timestamp()) for path, end in dict(ends).items()),
    )
