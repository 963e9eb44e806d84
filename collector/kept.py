"""What is known by host, made anew only for hosts where something changed.

It grows old in three ways: the host reported, the time came at which one of its observations
is too old, or its probe became cut off from, or again part of, its network.
"""

import heapq
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from collector.state import State

_SET_BACK = timedelta(minutes=1)
"""A call that asks for an earlier moment took a while; beyond this, the clock was set back."""


class Make(Protocol):
    """Makes anew what is known of a host."""

    def __call__(self, host: str, now: datetime, /, *, away: bool) -> None:
        """Make it for a moment, given whether the host's probe is away."""
        ...


class Kept:
    """Tells of which hosts something has to be made anew."""

    def __init__(self, state: State, hosts: Iterable[str], make: Make) -> None:
        self._state = state
        self._make = make
        self._changed = set(hosts)
        self._hosts = frozenset(self._changed)
        self._away: frozenset[str] = frozenset()
        self._until: dict[str, datetime] = {}
        self._due: list[tuple[datetime, str]] = []
        """Moments at which to look at `_until`, one a host, however often that is put off."""
        self._queued: dict[str, datetime] = {}
        self._as_of: tuple[datetime, int] | None = None
        """The moment, and the revision of the state, of which everything is."""

    def change(self, hosts: Iterable[str]) -> None:
        """Note that these hosts reported."""
        self._changed.update(self._hosts.intersection(hosts))

    def renewing(self, now: datetime) -> Generator[str, None, None]:
        """Make anew, host by host, what is old at a moment; whoever stops early may go on later.

        Walks the hosts. Reports may be taken in between: theirs are walked as well.
        """
        if self._as_of is not None and now < self._as_of[0]:
            if self._as_of[0] - now > _SET_BACK:
                self._changed.update(self._hosts)
            else:
                now = self._as_of[0]
        as_of = now, self._state.revision
        if self._as_of == as_of and not self._changed:
            return
        self._as_of = as_of
        away = frozenset(host for host in self._state.neighbours.quiet if self._is_away(host, now))
        self._changed.update(away ^ self._away, self._expired(now))
        self._away = away
        while self._changed:
            host = self._changed.pop()
            self._make(host, now, away=host in self._away)
            self._wait(host, self._state.source(host).unchanged_until(now))
            yield host

    def _is_away(self, host: str, now: datetime) -> bool:
        return host in self._hosts and self._state.neighbours.away(host, now) is not None

    def _wait(self, host: str, until: datetime | None) -> None:
        if until is None:
            self._until.pop(host, None)
            return
        self._until[host] = until
        queued = self._queued.get(host)
        if queued is None or until < queued:
            self._queue(host, until)

    def _queue(self, host: str, moment: datetime) -> None:
        self._queued[host] = moment
        heapq.heappush(self._due, (moment, host))

    def _expired(self, now: datetime) -> set[str]:
        """Pick the hosts whose answers are too old; those that were put off since wait on."""
        expired: set[str] = set()
        while self._due and self._due[0][0] < now:
            moment, host = heapq.heappop(self._due)
            if self._queued.get(host) != moment:
                continue
            del self._queued[host]
            until = self._until.get(host)
            if until is not None and until >= now:
                self._queue(host, until)
            elif until is not None:
                expired.add(host)
        return expired
