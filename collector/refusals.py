"""Refused acts as events: the first at once, those like it counted, so that nobody fills the store.

Alike are those of one name and one problem within a minute; nameless callers are all alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from collector.memory import Event, EventKind

MINUTE = timedelta(minutes=1)
_MOST_NAMES = 20
"""That are told apart within a minute; all others are alike, as the nameless are."""
_LONGEST = 300
"""Characters of a reason."""


class Act(NamedTuple):
    """What somebody tried."""

    kind: EventKind
    subject: str
    problem: str
    """The last word of its type."""
    reason: str
    by: str | None
    """Who it was, where that is known."""


class _Alike(NamedTuple):
    by: str | None
    problem: str


@dataclass(slots=True)
class Counted:
    """Acts that are alike."""

    alike: _Alike
    since: datetime
    last: Act
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Refusals:
    """The refused acts of the last minute, as one collector counts them."""

    _counted: dict[_Alike, Counted] = field(default_factory=dict)

    def note(self, act: Act, now: datetime) -> Event | None:
        """Note an act; gives an event to tell at once, where none of its like was told just now."""
        alike = self._alike(act)
        if alike in self._counted:
            self.count(act)
            return None
        self._counted[alike] = Counted(alike, now, act)
        return _event(act, act.by, now, act.reason)

    def count(self, act: Act) -> None:
        """Count an act that was noted and cannot be told at once."""
        counted = self._counted[self._alike(act)]
        counted.last = act
        counted.untold += 1

    def take(self, now: datetime, least: timedelta = MINUTE) -> list[Counted]:
        """Give what was counted and is to be told, and count anew; after a minute, or as asked."""
        over = [one for one in self._counted.values() if now - one.since >= least]
        for one in over:
            del self._counted[one.alike]
        return [one for one in over if one.untold]

    def put_back(self, untold: Iterable[Counted]) -> None:
        """Take back what could not be told."""
        for one in untold:
            known = self._counted.setdefault(one.alike, one)
            if known is not one:
                known.untold += one.untold

    def _alike(self, act: Act) -> _Alike:
        alike = _Alike(act.by, act.problem)
        names = {known.by for known in self._counted if known.by is not None}
        is_named = act.by in names or len(names) < _MOST_NAMES
        return alike if is_named else _Alike(None, act.problem)


def told(counted: Counted, now: datetime) -> Event:
    """Tell what was counted."""
    reason = f"{counted.untold} more like it within a minute; the last: {counted.last.reason}"
    return _event(counted.last, counted.alike.by, now, reason)


def _event(act: Act, by: str | None, now: datetime, reason: str) -> Event:
    reason = f"refused: {reason}"
    short = reason if len(reason) <= _LONGEST else f"{reason[: _LONGEST - 1]}…"
    return Event(at=now, kind=act.kind, subject=act.subject, reason=short, by=by)
