"""What every phase thinks of a path: thought once for all paths that look alike.

Thousands of agents see the same of the same handler. A verdict rests on where a path ends and what
is asked of it there, and of an observation on the few parts that judging looks at. So it is made
once for each such combination; hundreds of thousands of paths then share some dozens of opinions.
"""

from datetime import datetime
from typing import NamedTuple
from weakref import WeakSet

from collector.assignments import check_key
from collector.judge import ANSWERS_FOR_ITSELF, Evidence, Judge, asks_for_control
from collector.source import Source
from flows.cells import Cell
from flows.judging import PathVerdict
from flows.outcomes import Identity, Observation, each_address
from flows.phases import Expectation, Phase
from flows.plan import Path
from flows.verdicts import Absence, Context, Judgement, Verdict

MOST_KEPT = 100_000
"""Combinations that are kept; what strangers' servers say of themselves may make ever new ones."""


class Opinion(NamedTuple):
    """What one phase thinks, whoever's path it is."""

    expectation: Expectation
    judgement: Judgement
    identity: Identity | None
    context: Context
    speaks: int
    """Which address speaks for the path, in the order of `each_address`."""

    def about(self, path: Path, seen: Observation | None) -> PathVerdict:
        """Say it of a path, of which this was seen."""
        spoke = seen and each_address(seen)[self.speaks]
        _, judgement, identity, context, _ = self
        return PathVerdict(path, self.expectation, judgement, identity, spoke, context)


class Basis(NamedTuple):
    """What opinions rest on: a path, and what was seen of it, that stand for all that are alike."""

    path: Path
    seen: Observation | None
    """What is confirmed."""
    lasting: Observation | None
    """What the network was last known to do."""
    absence: Absence | None
    control: bool
    """Whether a control answered lately, and ever, where anything asks for one."""
    lasting_control: bool
    rests_on_times: bool
    """Whether the next report may change opinions by its times alone."""


class Opinions:
    """What all phases think; equal only to itself, so that a change is told by identity."""

    __slots__ = ("__weakref__", "basis", "binding", "lost", "phases", "serving")

    def __init__(self, judge: Judge, basis: Basis) -> None:
        self.basis = basis
        path = basis.path
        self.binding = frozenset(phase for phase in path.expect if path.binds(phase))
        """Phases whose gates hear of it."""
        self.think(judge)

    def think(self, judge: Judge) -> None:
        """Think it over by another judge: of one plan, whichever phase holds."""
        path, seen, lasting, absence, control, lasting_control, _ = self.basis
        evidence = Evidence(None, seen, absence=absence, known_control=control)
        last = Evidence(None, lasting, known_control=lasting_control)
        self.phases = {
            phase: _opinion(judge.in_phase(path, phase, evidence), evidence)
            for phase in path.expect
        }
        """Those that ask for the path."""
        self.serving = _opinion(judge.as_serving(path, evidence), evidence)
        """Whether it serves today, whatever is asked."""
        self.lost = frozenset(
            phase
            for phase in path.expect
            if judge.in_phase(path, phase, last).verdict is Verdict.BROKEN
        )
        """Phases for which it is broken by what was last known of it, however old that is."""

    def shown(self, phase: Phase) -> Opinion | None:
        """Choose what to show whatever the phase: by the one that holds, or the first that asks."""
        return self.phases.get(phase) or next(iter(self.phases.values()), None)

    def spoken(self, phase: Phase, path: Path, seen: Observation) -> Observation:
        """Take what was seen of the address that speaks for a path while a phase holds."""
        shown = self.shown(phase) if seen.addresses else None
        return shown.about(path, seen).observation or seen if shown else seen


class Opining:
    """Forms opinions on the paths of one plan, each once."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._formed: dict[tuple[object, ...], Opinions] = {}
        self._held: WeakSet[Opinions] = WeakSet()
        """All that anybody may still hold, kept or not."""

    @property
    def kept(self) -> int:
        """Count the combinations that are kept."""
        return len(self._formed)

    def think_over(self, judge: Judge) -> None:
        """Think all opinions over by another judge; what looked alike to the old one does still."""
        self._judge = judge
        for one in self._held:
            one.think(judge)

    def of(self, path: Path, source: Source, now: datetime, *, away: bool) -> Opinions:
        """Form what is thought of a path now."""
        key = check_key(path)
        cell = source.cells.get(key)
        absence = source.absence(key, now, away=away)
        traits = self._traits(path, source, cell, now) if cell else ()
        # The plan keeps what is expected alive, so its identity stands for it.
        place = (*key[1:], path.service, path.flow, path.dst, path.scope, id(path.expect), absence)
        found = self._formed.get(place + traits)
        if found is None:
            if len(self._formed) >= MOST_KEPT:
                self._formed.clear()
            basis = _basis(path, source, cell, absence, now)
            found = self._formed[place + traits] = Opinions(self._judge, basis)
            self._held.add(found)
        return found

    def _traits(self, path: Path, source: Source, cell: Cell, now: datetime) -> tuple[object, ...]:
        """Pick what judging looks at; of services that nobody claims anything about, the kind."""
        seen, lasting = cell.confirmed, cell.lasting
        is_claimed = path.service in self._judge.plan.inventory.hosts[path.dst].identity
        asks = _asks_of(path, cell)
        if seen is lasting and not (asks or is_claimed or seen.addresses):
            return _plain(seen)
        key = check_key(path)
        return (
            asks and source.control(key, now),
            asks and source.control(key, None),
            _in_full(seen, is_claimed=is_claimed),
            _in_full(lasting, is_claimed=is_claimed),
        )


def _basis(
    path: Path, source: Source, cell: Cell | None, absence: Absence | None, now: datetime
) -> Basis:
    key, asks = check_key(path), _asks_of(path, cell)
    return Basis(
        path=path,
        seen=cell.confirmed if cell else None,
        lasting=cell.lasting if cell else None,
        absence=absence,
        control=asks and source.control(key, now),
        lasting_control=asks and source.control(key, None),
        rests_on_times=asks or absence is not None,
    )


def _opinion(judged: PathVerdict, evidence: Evidence) -> Opinion:
    seen = evidence.observation
    speaks = each_address(seen).index(judged.observation) if seen and judged.observation else 0
    return Opinion(judged.expectation, judged.judgement, judged.identity, judged.context, speaks)


def _asks_of(path: Path, cell: Cell | None) -> bool:
    return cell is not None and (_asks(path, cell.confirmed) or _asks(path, cell.lasting))


def _asks(path: Path, seen: Observation) -> bool:
    if not seen.addresses and seen.outcome in ANSWERS_FOR_ITSELF:
        return False
    return any(asks_for_control(asked, seen) for asked in path.expect.values())


def _plain(seen: Observation) -> tuple[object, ...]:
    is_v6 = ":" in (seen.sender or seen.address or "")
    return seen.outcome, seen.answered_by, seen.icmp, is_v6


def _in_full(seen: Observation, *, is_claimed: bool) -> tuple[object, ...]:
    """Pick the traits of every address."""
    return tuple((*_plain(one), *(_shown(one) if is_claimed else ())) for one in each_address(seen))


def _shown(seen: Observation) -> tuple[object, ...]:
    certificate = seen.certificate
    known = (certificate.sha256, certificate.issuer) if certificate else (None, None)
    return *known, seen.server
