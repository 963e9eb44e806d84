"""Families about what phases think of paths: written once for all paths of which the same is said.

Thousands of agents see the same of the same handler. What is said of them differs by the labels
that name the path, and nothing else.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import NamedTuple

from collector.alerts import in_doubt
from collector.answers import is_latched
from collector.exposition import Family, Lines, Type, pairs
from collector.memory import SilencedBy
from collector.opinions import Opinions
from collector.state import State
from flows.outcomes import Outcome
from flows.phases import Phase
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
_MOST_WORDED = 4096
"""Texts that are kept; an estate has some dozens, and more only where every path is another."""
Line = tuple[str, str]
"""What stands before the labels that name a path, and after them."""


class Said(NamedTuple):
    """What is to be said of a path, whichever it is."""

    phase: Phase
    """The one that holds."""
    opinions: Opinions
    scope: Scope
    guide: str
    source_site: str
    destination_site: str
    latched: frozenset[Phase]
    """Phases for which alerts hear that it is broken."""
    doubted: bool | None
    """None where its gate does not hear of it."""
    outcome: Outcome | None
    silenced: SilencedBy | None


class Wording:
    """The words for what is said while one phase of one plan holds: opinions change with it."""

    def __init__(self) -> None:
        self._worded = lru_cache(_MOST_WORDED)(_worded)

    def lines(self, said: Said, inner: str) -> Lines:
        """Write what every phase thinks of a path that these labels name, without their braces."""
        return tuple([inner.join(pieces) for pieces in self._worded(said)])


def said_of(state: State, path: Path, opinions: Opinions, now: datetime) -> Said:
    """Find what is to be said of a path."""
    hosts, phase, cell = state.inventory.hosts, state.phase, state.cell(path)
    is_heard = phase in opinions.binding
    return Said(
        phase,
        opinions,
        path.scope,
        path.guide,
        hosts[path.src].site or "",
        hosts[path.dst].site or "",
        frozenset(one for one in opinions.lost if is_latched(state, path, opinions, one, now)),
        in_doubt(state, path, opinions.phases[phase], now) if is_heard else None,
        opinions.spoken(phase, path, cell.confirmed).outcome if cell else None,
        state.silences.of(path.id, now),
    )


def _worded(said: Said) -> tuple[tuple[str, ...], ...]:
    """Write the lines of each family in the pieces between which a path is named."""
    families = (_ok, _unproven, _broken, _info, _doubt, _outcome, _silenced)
    return tuple(_pieces(lines(said)) for lines in families)


def _pieces(lines: Iterable[Line]) -> tuple[str, ...]:
    pieces = [""]
    for before, after in lines:
        pieces[-1] += before
        pieces.append(after)
    return tuple(pieces)


def _ok(said: Said) -> Iterator[Line]:
    for phase, opinion in said.opinions.phases.items():
        verdict = opinion.judgement.verdict
        if verdict is not Verdict.UNPROVEN:
            yield f'gatewatch_path_ok{{phase="{phase}",', f"}} {verdict is Verdict.OK:d}\n"


def _unproven(said: Said) -> Iterator[Line]:
    for phase, opinion in said.opinions.phases.items():
        is_unproven = opinion.judgement.verdict is Verdict.UNPROVEN
        yield f'gatewatch_path_unproven{{phase="{phase}",', f"}} {is_unproven:d}\n"


def _broken(said: Said) -> Iterator[Line]:
    sites = _sites(said)
    for phase in said.opinions.phases:
        if phase in said.opinions.binding:
            before = f'gatewatch_path_broken{{phase="{phase}",'
            yield before, f",{sites}}} {phase in said.latched:d}\n"


def _info(said: Said) -> Iterator[Line]:
    for phase, opinion in said.opinions.phases.items():
        asked = {"expect": opinion.expectation, "scope": said.scope, "guide": said.guide}
        yield f'gatewatch_path_info{{phase="{phase}",', f",{pairs(asked)}}} 1\n"


def _doubt(said: Said) -> Iterator[Line]:
    if said.doubted is not None:
        before = f'gatewatch_path_in_doubt{{phase="{said.phase}",'
        yield before, f",{_sites(said)}}} {said.doubted:d}\n"


def _outcome(said: Said) -> Iterator[Line]:
    shown = said.opinions.shown(said.phase)
    if shown is not None and said.outcome is not None:
        answered = pairs({"outcome": said.outcome, "identity": shown.identity or ""})
        yield "gatewatch_path_outcome_info{", f",{answered}}} 1\n"


def _silenced(said: Said) -> Iterator[Line]:
    if said.silenced is not None:
        yield "gatewatch_path_silenced{", f',by="{said.silenced}"}} 1\n'


def _sites(said: Said) -> str:
    return pairs({"src_site": said.source_site, "dst_site": said.destination_site})
