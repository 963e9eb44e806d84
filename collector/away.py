"""Probes that are cut off: none of their destinations answers, while neighbours reach some.

Such a probe tells of its own network, not of the paths that it should measure (DESIGN 4).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from collector.memory import CheckKey
from collector.source import Source, latest, reached
from flows.cells import Cell
from flows.outcomes import Outcome

Seen = tuple[CheckKey, Cell]
SAID_NOTHING = frozenset({Outcome.FILTERED, Outcome.SILENT, Outcome.UNREACHABLE})
FEWEST = 2
"""Destinations that must be silent: a single one that is blocked looks just the same."""


class Quiet(NamedTuple):
    """A source to which nothing around it answers."""

    addresses: frozenset[str]
    since: datetime
    """When the last one of them fell silent."""


def quiet(source: Source) -> Quiet | None:
    """Decide whether every destination of a source is silent or unreachable to it."""
    addresses: set[str] = set()
    moments: list[datetime] = []
    for key, cell in outward(source):
        outcome = latest(cell).outcome
        if outcome is Outcome.FAULT:
            continue
        if outcome not in SAID_NOTHING or reached(cell):
            return None
        addresses.add(key[1])
        moments.append(cell.candidate_since or cell.since)
    if len(addresses) < FEWEST:
        return None
    return Quiet(frozenset(addresses), max(moments))


def outward(source: Source) -> Iterable[Seen]:
    """Walk the cells of a source but those of itself and of the collector."""
    aside = source.assignments.aside
    for key in source.assignments.by_host.get(source.host, ()):
        if key not in aside:
            cell = source.cells.get(key)
            if cell is not None:
                yield key, cell


def _reached_until(source: Source) -> Mapping[str, datetime]:
    """Say which addresses a source reaches by some check, and until when that counts."""
    found: dict[str, datetime] = {}
    for key, cell in outward(source):
        if reached(cell):
            stale_at, known = source.stale_at(key, cell), found.get(key[1])
            if known is None or known < stale_at:
                found[key[1]] = stale_at
    return found


@dataclass(slots=True)
class _Reached:
    """An address that sources of a site reach."""

    until: dict[str, datetime]
    """When what each of them saw is too old to count; who was noted last stands last."""
    last: datetime
    """The latest such moment that ever was, so that a dead site is told at once."""

    def note(self, host: str, until: datetime) -> None:
        """Note until when a source reaches it."""
        self.until[host] = until
        self.last = max(self.last, until)

    def by_another(self, host: str, now: datetime) -> bool:
        """Decide whether any other source reaches it now."""
        # The latest to be noted are the likeliest to be fresh.
        return self.last >= now and any(
            until >= now and name != host for name, until in reversed(self.until.items())
        )


class Neighbours:
    """What the sources of each site reach."""

    def __init__(self, sites: Mapping[str, str | None], see: Callable[[str], Source]) -> None:
        self._sites = sites
        self._see = see
        """Gives what a source sees now."""
        self._quiet: dict[str, Quiet] = {}
        self._reached: dict[tuple[str, str], _Reached] = {}
        """By site and address."""
        self._noted: dict[str, tuple[_Reached, ...]] = {}
        """By source."""
        self._again: set[str] = set()
        """Sources that saw the same since they were noted, which is looked at when it matters."""
        self._asking = Lock()
        """Threads that decide ask too, and asking looks."""

    def note(self, host: str) -> None:
        """Take in what a source sees now, in place of what it saw before."""
        site = self._sites.get(host)
        if site is None:
            return
        self._again.discard(host)
        source = self._see(host)
        for place in self._noted.pop(host, ()):
            place.until.pop(host, None)
        silent = quiet(source)
        if silent is not None:
            self._quiet[host] = silent
            return
        self._quiet.pop(host, None)
        self._noted[host] = tuple(
            self._reach((site, address), host, until)
            for address, until in _reached_until(source).items()
        )

    def note_again(self, host: str) -> None:
        """Take in that a source sees what it saw before, only later."""
        if host in self._noted:
            self._again.add(host)

    def _reach(self, place: tuple[str, str], host: str, until: datetime) -> _Reached:
        found = self._reached.get(place)
        if found is None:
            found = self._reached[place] = _Reached({}, until)
        found.note(host, until)
        return found

    @property
    def quiet(self) -> Iterable[str]:
        """Name the sources to which nothing answers, cut off or not."""
        return self._quiet

    def away(self, host: str, now: datetime) -> Quiet | None:
        """Decide whether a source is cut off, and since when; one without a site never is."""
        silent = self._quiet.get(host)
        return silent if silent is not None and self.cut_off(host, silent, now) else None

    def cut_off(self, host: str, silent: Quiet, now: datetime) -> bool:
        """Decide whether other sources of the site reach what is silent to this one."""
        site = self._sites.get(host)
        return site is not None and any(
            self._is_reached((site, address), host, now) for address in silent.addresses
        )

    def _is_reached(self, place: tuple[str, str], host: str, now: datetime) -> bool:
        found = self._reached.get(place)
        if found is None:
            return False
        with self._asking:
            return found.by_another(host, now) or any(
                found.by_another(host, now) for _ in self._renewing(found)
            )

    def _renewing(self, place: _Reached) -> Iterator[None]:
        """Look again at the sources that reach a place, and said so since, one by one."""
        for host in place.until.keys() & self._again:
            self.note(host)
            yield
