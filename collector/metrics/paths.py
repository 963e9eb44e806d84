"""Families about paths: the lines of one path, as judged in each phase and as last measured."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial

from collector.alerts import in_doubt
from collector.answers import is_latched
from collector.connect_times import connect_seconds
from collector.exposition import Family, Type, labels, number, pairs
from collector.losses import loss_at
from collector.opinions import Opinions
from collector.state import State
from flows.cells import Cell
from flows.outcomes import Identity, Observation, Outcome, each_address
from flows.phases import Expectation
from flows.plan import Path, Scope
from flows.verdicts import Verdict

_gauge = partial(Family, kind=Type.GAUGE)
JUDGED = (
    _gauge(
        "gatewatch_path_ok",
        text="1 ok, 0 broken, as judged whatever was waived; absent while unproven.",
    ),
    _gauge("gatewatch_path_unproven", text="1 while the path is unproven, else 0."),
    _gauge(
        "gatewatch_path_broken",
        text="For alerts: 1 from a confirmed break until a fresh observation is not broken.",
    ),
    _gauge(
        "gatewatch_path_info",
        text="What a phase expects of a path, and the row of the guide that asks for it.",
    ),
    _gauge(
        "gatewatch_path_in_doubt",
        text="For alerts: 1 while a path of the current phase is unproven and holds its gate up.",
    ),
    _gauge(
        "gatewatch_path_outcome_info",
        text="1 for the current outcome of a path, and whether the right service answered.",
    ),
    _gauge(
        "gatewatch_path_silenced",
        text="1 where an operator waived, attested or maintains a path.",
    ),
)
"""What changes with what is thought of a path."""
MEASURED = (
    _gauge(
        "gatewatch_path_rtt_seconds", text="The kernel's own round trip of the last connection."
    ),
    _gauge(
        "gatewatch_path_connect_seconds",
        text="Time that the last connect took; absent for what did not connect.",
    ),
    _gauge(
        "gatewatch_path_last_observed_timestamp_seconds", text="When the path was last measured."
    ),
    _gauge(
        "gatewatch_path_loss_timestamp_seconds",
        text="When a broken syslog path starts to lose logs; absent while it is ok.",
    ),
    _gauge("gatewatch_path_flapping", text="1 while a path turned three times in ten minutes."),
)
"""What changes with every measurement."""
EXPIRIES = _gauge(
    "gatewatch_certificate_expiry_timestamp_seconds",
    text="When the certificate that the source was shown expires; of several, the first.",
)
Lines = tuple[str, ...]
"""What each of some families says, in their order."""
Ends = Mapping[tuple[str, str, int], datetime]
"""When the first certificate expires, by source, destination and port."""
_MOST_WORDED = 4096
"""Labels that thousands of paths share, and that are written once."""


def path_labels(path: Path) -> str:
    """Name a path as every family about paths does, without braces."""
    return pairs(
        {
            "flow": path.flow,
            "src": path.src,
            "dst": path.dst,
            "proto": path.proto,
            "port": path.port,
        }
    )


def judged(state: State, path: Path, opinions: Opinions, inner: str, now: datetime) -> Lines:
    """Write what every phase thinks of a path; `inner` as `path_labels` writes it."""
    cell = state.cell(path)
    sites = _sites(_site(state, path.src), _site(state, path.dst))
    ok = unproven = broken = info = ""
    for phase, opinion in opinions.phases.items():
        named = f'phase="{phase}",{inner}'
        verdict = opinion.judgement.verdict
        unproven += f"gatewatch_path_unproven{{{named}}} {verdict is Verdict.UNPROVEN:d}\n"
        if verdict is not Verdict.UNPROVEN:
            ok += f"gatewatch_path_ok{{{named}}} {verdict is Verdict.OK:d}\n"
        if phase in opinions.binding:
            latched = is_latched(state, path, opinions, phase, now)
            broken += f"gatewatch_path_broken{{{named},{sites}}} {latched:d}\n"
        asked = _asked(opinion.expectation, path.scope, path.guide)
        info += f"gatewatch_path_info{{{named},{asked}}} 1\n"
    return (
        ok,
        unproven,
        broken,
        info,
        _doubt(state, path, opinions, f"{inner},{sites}", now),
        _outcome(state, path, opinions, cell, inner) if cell else "",
        _silenced(state, path, inner, now),
    )


def measured(state: State, path: Path, opinions: Opinions, inner: str, now: datetime) -> Lines:
    """Write what was last seen of a path, whatever the phase; `inner` as `path_labels` writes it.

    Of its certificate only `expiries` tells, for all that share it.
    """
    cell = state.cell(path)
    if cell is None:
        return ("",) * len(MEASURED)
    seen = cell.confirmed
    if seen.addresses:
        seen = _spoken(state, path, opinions, cell)
    rtt, connect = seen.rtt_seconds, connect_seconds(seen)
    lost = loss_at(path, state.breaks, state.phase) if state.breaks else None
    at = number(cell.observed_at.timestamp())
    return (
        f"gatewatch_path_rtt_seconds{{{inner}}} {number(rtt)}\n" if rtt is not None else "",
        f"gatewatch_path_connect_seconds{{{inner}}} {number(connect)}\n"
        if connect is not None
        else "",
        f"gatewatch_path_last_observed_timestamp_seconds{{{inner}}} {at}\n",
        f"gatewatch_path_loss_timestamp_seconds{{{inner}}} {number(lost.timestamp())}\n"
        if lost
        else "",
        f"gatewatch_path_flapping{{{inner}}} {bool(cell.turns) and cell.flapping(now):d}\n",
    )


def ends_of_certificates(state: State, paths: Iterable[Path]) -> Ends:
    """Find when certificates expire that one source was shown; paths to one port share them."""
    first: dict[tuple[str, str, int], datetime] = {}
    for path in paths:
        cell = state.cell(path)
        for one in _shown(cell.confirmed) if cell else ():
            ends = one.certificate.not_after if one.certificate else None
            if ends is not None:
                place = path.src, path.dst, path.port
                first[place] = min(ends, first.get(place, ends))
    return first


def expiries(ends_by_port: Ends) -> str:
    """Write when certificates expire."""
    name = EXPIRIES.name
    return "".join(
        f"{name}{labels({'src': src, 'dst': dst, 'port': port})} {number(ends.timestamp())}\n"
        for (src, dst, port), ends in ends_by_port.items()
    )


def _shown(seen: Observation) -> tuple[Observation, ...]:
    return each_address(seen) if seen.addresses else (seen,)


@lru_cache(maxsize=_MOST_WORDED)
def _sites(source: str | None, destination: str | None) -> str:
    return pairs({"src_site": source or "", "dst_site": destination or ""})


@lru_cache(maxsize=_MOST_WORDED)
def _answered(outcome: Outcome, identity: Identity | None) -> str:
    return pairs({"outcome": outcome, "identity": identity or ""})


@lru_cache(maxsize=_MOST_WORDED)
def _asked(expectation: Expectation, scope: Scope, guide: str) -> str:
    return pairs({"expect": expectation, "scope": scope, "guide": guide})


def _site(state: State, host: str) -> str | None:
    return state.inventory.hosts[host].site


def _doubt(state: State, path: Path, opinions: Opinions, named: str, now: datetime) -> str:
    phase = state.phase
    if phase not in opinions.binding:
        return ""
    doubted = in_doubt(state, path, opinions.phases[phase], now)
    return f'gatewatch_path_in_doubt{{phase="{phase.value}",{named}}} {doubted:d}\n'


def _outcome(state: State, path: Path, opinions: Opinions, cell: Cell, inner: str) -> str:
    shown = opinions.shown(state.phase)
    if shown is None:
        return ""
    outcome = _spoken(state, path, opinions, cell).outcome
    said = _answered(outcome, shown.identity)
    return f"gatewatch_path_outcome_info{{{inner},{said}}} 1\n"


def _spoken(state: State, path: Path, opinions: Opinions, cell: Cell) -> Observation:
    """Take what was seen of the address that speaks for a path."""
    shown = opinions.shown(state.phase)
    spoke = shown.about(path, cell.confirmed).observation if shown else None
    return spoke or cell.confirmed


def _silenced(state: State, path: Path, inner: str, now: datetime) -> str:
    by = state.silences.of(path.id, now)
    if by is None:
        return ""
    return f'gatewatch_path_silenced{{{inner},by="{by.value}"}} 1\n'
