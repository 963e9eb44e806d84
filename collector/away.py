"""Probes that are cut off: none of their destinations answers, while neighbours reach some.

Such a probe tells of its own network, not of the paths that it should measure (DESIGN 4).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
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


def _reached_until(source: Source, seen: Iterable[Seen]) -> Iterable[tuple[str, datetime]]:
    """Walk the addresses that a source reaches by some checks, with until when that counts."""
    found: dict[str, datetime] = {}
    for key, cell in seen:
        if reached(cell):
            stale_at, known = source.stale_at(key, cell), found.get(key[1])
            if known is None or known < stale_at:
                found[key[1]] = stale_at
    return found.items()


class Neighbours:
    """What the sources of each site reach."""

    def __init__(self, sites: Mapping[str, str | None]) -> None:
        self._sites = sites
        self._quiet: dict[str, Quiet] = {}
        self._reaching: dict[tuple[str, str], dict[str, datetime]] = {}
        """Sources by site and address, with when that is too old to count."""
        self._last: dict[tuple[str, str], datetime] = {}
        """The latest such moment that ever was, so that a dead site is told at once."""
        self._noted: dict[str, tuple[tuple[str, str], ...]] = {}

    def note(self, source: Source) -> None:
        """Take in what a source sees now, in place of what it saw before."""
        site = self._sites.get(source.host)
        if site is None:
            return
        host = source.host
        for place in self._noted.pop(host, ()):
            self._reaching[place].pop(host, None)
        silent = quiet(source)
        if silent is not None:
            self._quiet[host] = silent
            return
        self._quiet.pop(host, None)
        known = _reached_until(source, outward(source))
        until = {(site, address): moment for address, moment in known}
        for place, moment in until.items():
            self._reach(place, host, moment)
        self._noted[host] = tuple(until)

    def note_again(self, seen: Source) -> None:
        """Take in that a source sees of some checks what it saw before, later."""
        site, host = self._sites.get(seen.host), seen.host
        if site is None:
            return
        known, aside = seen.assignments.paths, seen.assignments.aside
        cells = (one for one in seen.cells.items() if one[0] in known and one[0] not in aside)
        for address, until in _reached_until(seen, cells):
            reaching = self._reaching.get((site, address))
            if reaching is not None and host in reaching:
                self._reach((site, address), host, max(until, reaching.pop(host)))

    def _reach(self, place: tuple[str, str], host: str, until: datetime) -> None:
        self._reaching.setdefault(place, {})[host] = until
        last = self._last.get(place)
        if last is None or last < until:
            self._last[place] = until

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
        last = self._last.get(place)
        if last is None or last < now:
            return False
        # The latest to be noted stand last, and are the likeliest to be fresh.
        sources = reversed(self._reaching[place].items())
        return any(until >= now and name != host for name, until in sources)
