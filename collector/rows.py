"""Rows of the matrix, of one path and of the hosts, for whoever asks (FORMATS)."""

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from collector.assignments import check_key
from collector.goals import is_pending
from collector.judge import Evidence
from collector.losses import loss_at
from collector.memory import SilencedBy
from collector.state import State
from collector.views import HostRow, MatrixRow, PathView, PhaseView, ProbeView, Shade
from flows.errors import UsageError
from flows.hosts import Host
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.plan import Path
from flows.reading import did_you_mean
from flows.verdicts import Verdict

_ID = re.compile(r"(?P<flow>[^:]*):(?P<src>[^>]*)>.*")


def matrix_row(state: State, judged: PathVerdict, phase: Phase, now: datetime) -> MatrixRow:
    """Write the row of a path in a phase."""
    path = judged.path
    cell = state.cell(path)
    shade = shade_of(state, judged, now)
    return MatrixRow(
        path=path.id,
        flow=path.flow,
        src=path.src,
        dst=path.dst,
        proto=path.proto,
        port=path.port,
        scope=path.scope,
        expect=judged.expectation,
        verdict=shade,
        pending=is_pending_as(state, path, phase, shade),
        suspect=cell is not None and cell.suspect,
        flapping=cell is not None and cell.flapping(now),
        outcome=judged.observation.outcome if judged.observation else None,
        identity=judged.identity,
        reason=judged.reason,
        advice=judged.advice,
        since=cell.since if cell else None,
        observed_at=cell.observed_at if cell else None,
        silenced=state.silences.of(path.id, now),
    )


def path_view(state: State, name: str, now: datetime) -> PathView:
    """Show all that is known of a path; raises UsageError for one that is not in the plan."""
    path = find_path(state, name)
    key = check_key(path)
    cell = state.cell(path)
    evidence = Evidence.today(state.source(path.src), key, now, away=state.is_away(path.src, now))
    return PathView(
        path=path,
        check=state.check_ids.get(key),
        interval=state.assignments.interval(key),
        phases={
            phase: _phase_view(state, state.judge.in_phase(path, phase, evidence), phase, now)
            for phase in path.expect
        },
        observation=cell.confirmed if cell else None,
        candidate=cell.candidate if cell else None,
        since=cell.since if cell else None,
        observed_at=cell.observed_at if cell else None,
        suspect=cell is not None and cell.suspect,
        flapping=cell is not None and cell.flapping(now),
        turns=cell.turns if cell else (),
        silenced=state.silences.of(path.id, now),
        loss_at=loss_at(path, state.breaks, state.phase),
    )


def find_path(state: State, name: str) -> Path:
    """Look up a path by its id; raises UsageError, with the nearest one, where there is none."""
    path = state.plan.paths.get(name)
    if path is not None:
        return path
    raise UsageError(f"no path '{name}' in the plan{_hint(state, name)}")


def _hint(state: State, name: str) -> str:
    """Find what was meant: among the paths of its source, or the source itself."""
    parts = _ID.fullmatch(name)
    by_source = state.plan.by_source
    if parts is None:
        return "; a path is written as in agent:pc-001>ah-01:tcp/443"
    source = parts["src"]
    if source in by_source:
        ids = [path.id for path in by_source[source]]
        near = difflib.get_close_matches(name, ids, n=1, cutoff=0)
        return f" (did you mean '{near[0]}'?)"
    return f": '{source}' is no source{did_you_mean(source, by_source)}"


def _phase_view(state: State, judged: PathVerdict, phase: Phase, now: datetime) -> PhaseView:
    shade = shade_of(state, judged, now)
    return PhaseView(
        expect=judged.expectation,
        binding=judged.path.binds(phase),
        verdict=shade,
        pending=is_pending_as(state, judged.path, phase, shade),
        identity=judged.identity,
        reason=judged.reason,
        advice=judged.advice,
    )


def shade_of(state: State, judged: PathVerdict, now: datetime) -> Shade:
    """Choose the colour of a path: an operator's word stands above a verdict that is not ok."""
    if judged.verdict is not Verdict.OK and judged.path.id in state.silences.by(
        SilencedBy.WAIVER, now
    ):
        return Shade.WAIVED
    if judged.attested_by(state.silences.by(SilencedBy.ATTESTATION, now)):
        return Shade.ATTESTED
    return Shade(judged.verdict)


def is_pending_as(state: State, path: Path, phase: Phase, shade: Shade) -> bool:
    """Decide as a gate counts: what is ok or waived is not pending."""
    return shade in {Shade.BROKEN, Shade.UNPROVEN} and is_pending(path, phase, state.reached)


def host_rows(state: State, hosts: Iterable[Host], now: datetime) -> Iterator[HostRow]:
    """Write the rows of hosts."""
    for host in hosts:
        known = state.plan.versions.known(host)
        yield HostRow(
            host=host.name,
            address=host.address,
            roles=tuple(sorted(host.roles)),
            site=host.site,
            version=str(known[0]) if known else None,
            version_source=known[1] if known else None,
            virtual=host.virtual,
            probe=_probe_view(state, host, now) if host.has_probe else None,
        )


def _probe_view(state: State, host: Host, now: datetime) -> ProbeView:
    seen = state.probes.get(host.name)
    return ProbeView(
        up=state.is_up(host.name, now),
        away=state.is_away(host.name, now),
        last_seen=seen.last_seen if seen else None,
        version=seen.version if seen else None,
        loop_lag=seen.loop_lag if seen else None,
        spooled=seen.spooled if seen else None,
        late=seen.late if seen else None,
        dropped=seen.dropped if seen else None,
        durable=seen.durable if seen else None,
        skew=seen.skew if seen else None,
    )
