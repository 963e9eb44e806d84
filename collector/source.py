"""What one source saw, for judging its paths: controls, and observations that are too old."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from collector.assignments import Assignments
from collector.memory import CheckKey
from flows.cells import Cell
from flows.outcomes import SPOKE, Observation, each_address
from flows.verdicts import Absence

CONTROL_WINDOW = timedelta(seconds=60)
"""How far apart a measurement and its control may be, or one interval, the longer (DESIGN 4)."""


def latest(cell: Cell) -> Observation:
    """Take what was seen last, confirmed or not."""
    return cell.candidate or cell.confirmed


def reached(cell: Cell) -> bool:
    """Decide whether the destination showed last time that it lives."""
    seen = latest(cell)
    if not seen.addresses:
        return seen.outcome in SPOKE
    return any(one.outcome in SPOKE for one in each_address(seen))


def looks_alike(before: Cell | None, after: Cell) -> bool:
    """Decide whether verdicts and their words are the same of two cells, but for their times."""
    if before is None or before.candidate or after.candidate or before.since is not after.since:
        return False
    one, other = before.confirmed, after.confirmed
    return (
        one.outcome is other.outcome
        and one.answered_by is other.answered_by
        and (one.certificate is other.certificate or one.certificate == other.certificate)
        and one.server == other.server
        and one.status == other.status
        and one.stage is other.stage
        and one.detail == other.detail
        and one.address == other.address
        and one.sender == other.sender
        and one.icmp == other.icmp
        and not (one.addresses or other.addresses)
    )


def _at_each_address(cell: Cell, living: Iterable[Cell]) -> bool:
    """Decide whether all addresses of a name live: one that does tells nothing of the others."""
    tried = {one.address for one in each_address(cell.confirmed)}
    seen = (one for live in living for one in each_address(latest(live)))
    return len(tried) == 1 or tried <= {one.address for one in seen if one.outcome in SPOKE}


class Source:
    """One source and its cells."""

    __slots__ = ("_live", "assignments", "cells", "host")

    def __init__(self, host: str, cells: Mapping[CheckKey, Cell], assignments: Assignments) -> None:
        self.host = host
        self.cells = cells
        self.assignments = assignments
        self._live: dict[str, list[tuple[CheckKey, Cell]]] | None = None

    def stale_at(self, key: CheckKey, cell: Cell) -> datetime:
        """Tell until when a cell may be judged."""
        return cell.observed_at + self.assignments.lasts(key)

    def absence(self, key: CheckKey, now: datetime, *, away: bool) -> Absence | None:
        """Tell why a check has nothing that can be judged now; None where it has."""
        cell = self.cells.get(key)
        if cell is None:
            return Absence.NEVER
        if now > self.stale_at(key, cell):
            return Absence.STALE
        return Absence.AWAY if away else None

    def control(self, key: CheckKey, now: datetime | None) -> bool:
        """Decide whether the source reached another port of the same destination at that time.

        Its own measurement and the control are compared, not both with the clock: each comes once
        an interval, and a verdict must not waver between two of them. Without `now` a control
        never grows old, as the measurement that it belongs to.
        """
        cell = self.cells.get(key)
        if cell is None:
            return False
        living = [
            live
            for other, live in self._reached().get(key[1], ())
            if other != key
            and abs(live.observed_at - cell.observed_at) <= self._window(other)
            and (now is None or now <= self._lives_until(other, live))
        ]
        return bool(living) and _at_each_address(cell, living)

    def unchanged_until(self, now: datetime) -> datetime | None:
        """Tell until when the passing of time alone changes no judgement; None for ever."""
        moments: list[datetime] = []
        for key in self.assignments.by_host.get(self.host, ()):
            cell = self.cells.get(key)
            if cell is not None:
                stale_at = self.stale_at(key, cell)
                # A control may outlive its own verdict, never the other way round.
                moments.append(stale_at if stale_at >= now else self._lives_until(key, cell))
        return min((moment for moment in moments if moment >= now), default=None)

    def _window(self, key: CheckKey) -> timedelta:
        return max(CONTROL_WINDOW, timedelta(seconds=self.assignments.interval(key)))

    def _lives_until(self, key: CheckKey, cell: Cell) -> datetime:
        return max(cell.observed_at + self._window(key), self.stale_at(key, cell))

    def _reached(self) -> dict[str, list[tuple[CheckKey, Cell]]]:
        """Group what lives by address, once."""
        if self._live is None:
            self._live = {}
            for key in self.assignments.by_host.get(self.host, ()):
                cell = self.cells.get(key)
                if cell is not None and reached(cell):
                    self._live.setdefault(key[1], []).append((key, cell))
        return self._live
