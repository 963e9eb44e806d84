"""The lines about paths, kept by source: written anew only where something else is to be said.

An estate has hundreds of thousands of them, and between two scrapes most say the same.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from collector.exposition import Family, Lines
from collector.memory import SilencedBy
from collector.metrics.judged import JUDGED, Wording, said_of
from collector.metrics.measured import (
    EXPIRIES,
    MEASURED,
    Ends,
    ends_of_certificates,
    expiries,
    measured,
)
from collector.opinions import Opinions
from collector.state import State
from collector.verdicts import Verdicts
from flows.cells import FLAPPING_TURNS
from flows.plan import Path

Chunks = tuple[bytes, ...]
"""What each of some families says of one source's paths, in their order."""
IN_ONE_PIECE = 64
"""Sources whose chunks are joined, and sent, without a break."""


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """What was written of a source, and what it was written of.

    Thousands are written in a second, and looking for garbage in them would hold everybody up.
    """

    names: tuple[str, ...]
    """Labels of its paths."""
    found: tuple[Opinions, ...]
    away: bool
    judged: Chunks
    measured: Chunks
    ends: Ends
    """Of certificates; they change far more rarely than what is measured."""
    ending: bytes
    """What is said of `ends`."""


class KeptLines:
    """The lines about the paths of one plan while one phase holds."""

    def __init__(self, state: State, verdicts: Verdicts, *, per_agent: bool) -> None:
        self._state = state
        self._verdicts = verdicts
        self._paths: dict[str, tuple[Path, ...]] = {}
        """What is told of each source."""
        self._sifting = self._sifted(per_agent=per_agent)
        self._kept: dict[str, _Kept] = {}
        self._old: set[str] = set()
        """Sources of which something may have to be said otherwise."""
        self._misjudged: set[str] = set()
        """Those of them of which an operator's word, or a goal, may have changed what is said."""
        self._wording = Wording()
        self._restless: set[str] = set()
        """Sources with a path that may stop flapping as time goes by."""
        self._beside: tuple[object, ...] | None = None
        """What was said of paths, and reached, beside what was seen of them."""

    def renewing(self, now: datetime) -> Iterator[None]:
        """Write anew what is old, source by source; others may have their turn in between."""
        for _ in self._sifting:  # goes on where a page that was given up left it
            yield
        for _ in self._verdicts.renewing(now):
            yield
        silences, reached = self._state.silences, len(self._state.reached)
        beside = (*(silences.by(kind, now) for kind in SilencedBy), reached)
        if beside != self._beside:
            self._misjudged.update(self._paths)
            self._beside = beside
        changed = self._verdicts.take_changed() & self._paths.keys()
        self._old.update(changed, self._restless, self._misjudged)
        while self._old:
            host = self._old.pop()
            self._kept[host] = self._written(host, now)
            self._misjudged.discard(host)
            yield

    def _sifted(self, *, per_agent: bool) -> Iterator[None]:
        """Find what there is to tell, source by source; once, however often that is begun."""
        for host, every in self._state.plan.by_source.items():
            paths = tuple(path for path in every if per_agent or not path.groups)
            if paths:
                self._paths[host] = paths
                self._old.add(host)
            yield

    def families(self) -> Iterator[list[bytes]]:
        """Give the pieces of every family that has lines."""
        for index, family in enumerate(JUDGED):
            yield from _joined(family, [one.judged for one in self._in_order()], index)
        for index, family in enumerate(MEASURED):
            yield from _joined(family, [one.measured for one in self._in_order()], index)
        yield from _joined(EXPIRIES, [(one.ending,) for one in self._in_order()], 0)

    def _in_order(self) -> Iterator[_Kept]:
        return (self._kept[host] for host in self._paths)

    def _written(self, host: str, now: datetime) -> _Kept:
        """Write a source's lines, those about verdicts only where something else is thought."""
        state, paths, known = self._state, self._paths[host], self._kept.get(host)
        self._note_restless(host)
        names = known.names if known else tuple(map(_named, paths))
        found = tuple(self._verdicts.known(path.id) for path in paths)
        away = state.is_away(host, now)
        every = list(zip(paths, found, names, strict=True))
        if known and known.found == found and not (host in self._misjudged or away or known.away):
            said = known.judged
        else:
            said = _chunks(self._judged(*one, now) for one in every)
        seen = _chunks(measured(state, *one, now) for one in every)
        ends = ends_of_certificates(state, paths)
        ending = known.ending if known and known.ends == ends else expiries(ends).encode()
        return _Kept(names, found, away, said, seen, ends, ending)

    def _judged(self, path: Path, opinions: Opinions, inner: str, now: datetime) -> Lines:
        return self._wording.lines(said_of(self._state, path, opinions, now), inner)

    def _note_restless(self, host: str) -> None:
        cells = map(self._state.cell, self._paths[host])
        if any(cell is not None and len(cell.turns) >= FLAPPING_TURNS for cell in cells):
            self._restless.add(host)
        else:
            self._restless.discard(host)


def _named(path: Path) -> str:
    """Name a path as every family about paths does, without braces.

    No part of it needs escapes: names are letters, digits and hyphens (`flows.names`).
    """
    ends = f'src="{path.src}",dst="{path.dst}"'
    return f'flow="{path.flow}",{ends},proto="{path.proto}",port="{path.port}"'


def _chunks(lines: Iterable[Lines]) -> Chunks:
    return tuple("".join(said).encode() for said in zip(*lines, strict=True))


def _joined(family: Family, chunks: list[Chunks], index: int) -> Iterator[list[bytes]]:
    """Join what all sources say in a family, some at a time; nothing where none says anything."""
    head = [family.header.encode()]
    for first in range(0, len(chunks), IN_ONE_PIECE):
        piece = b"".join([one[index] for one in chunks[first : first + IN_ONE_PIECE]])
        if piece:
            yield [*head, piece]
            head = []
