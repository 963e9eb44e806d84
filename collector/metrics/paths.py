"""Families about paths, as judged in each phase and as measured."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from collector.connect_times import connect_seconds
from collector.estate import Estate
from collector.exposition import Sample, Type, family, labels
from flows.cells import Cell
from flows.judging import PathVerdict
from flows.outcomes import Observation, each_address
from flows.phases import PHASES
from flows.plan import Path
from flows.verdicts import Verdict


def path_labels(path: Path) -> dict[str, object]:
    """Name a path as every family about paths does."""
    return {
        "flow": path.flow,
        "src": path.src,
        "dst": path.dst,
        "proto": path.proto,
        "port": path.port,
    }


def judged(estate: Estate, paths: list[Path], now: datetime) -> Iterator[str]:
    """Render what each phase thinks of each path."""
    hosts = estate.plan.inventory.hosts
    ok: list[Sample] = []
    unproven: list[Sample] = []
    broken: list[Sample] = []
    info: list[Sample] = []
    for phase in PHASES:
        verdicts = estate.verdicts(phase, now)
        for path in paths:
            one = verdicts.get(path.id)
            if one is None:
                continue
            pairs = {"phase": phase, **path_labels(path)}
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


def measured(estate: Estate, paths: list[Path], now: datetime) -> Iterator[str]:
    """Render what was last seen of each path, whatever the phase."""
    seen = list(_seen(estate, paths, now))
    outcomes: list[Sample] = []
    for path, judged, _ in seen:
        outcome = judged.observation.outcome if judged.observation else ""
        pairs = {**path_labels(path), "outcome": outcome, "identity": judged.identity or ""}
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
            "Time that the last connect took; absent for what did not connect.",
            lambda _path, judged, _cell: connect_seconds(_observed(judged)),
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
        samples = ((labels(path_labels(path)), read(path, one, cell)) for path, one, cell in seen)
        known = ((label, value) for label, value in samples if value is not None)
        yield family(name, Type.GAUGE, text, known)
    yield _silenced(estate, paths, now)
    yield _certificates(seen)


def _seen(
    estate: Estate, paths: list[Path], now: datetime
) -> Iterator[tuple[Path, PathVerdict, Cell]]:
    """Walk what was measured, as the current phase sees it, or the first that asks for it."""
    verdicts = {phase: estate.verdicts(phase, now) for phase in PHASES}
    for path in paths:
        cell = estate.cell(path)
        phase = estate.phase if estate.phase in path.expect else next(iter(path.expect), None)
        if cell is not None and phase is not None:
            yield path, verdicts[phase][path.id], cell


def _observed(judged: PathVerdict) -> Observation:
    assert judged.observation is not None  # noqa: S101 - a cell holds one
    return judged.observation


def _stamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _silenced(estate: Estate, paths: list[Path], now: datetime) -> str:
    pairs = ((path, estate.silenced(path.id, now)) for path in paths)
    return family(
        "gatewatch_path_silenced",
        Type.GAUGE,
        "1 where an operator waived, attested or maintains a path.",
        ((labels({**path_labels(path), "by": by}), 1) for path, by in pairs if by is not None),
    )


def _certificates(seen: Iterable[tuple[Path, PathVerdict, Cell]]) -> str:
    expiry: dict[str, float] = {}
    for path, _, cell in seen:
        label = labels({"src": path.src, "dst": path.dst, "port": path.port})
        for one in each_address(cell.confirmed):
            ends = one.certificate.not_after if one.certificate else None
            if ends is not None:
                expiry[label] = min(ends.timestamp(), expiry.get(label, ends.timestamp()))
    return family(
        "gatewatch_certificate_expiry_timestamp_seconds",
        Type.GAUGE,
        "When the certificate that the source was shown expires; of several, the first.",
        expiry.items(),
    )
