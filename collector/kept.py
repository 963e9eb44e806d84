"""Answers that are kept by host, and made anew only for hosts where something changed.

An answer grows old in three ways: the host reported, the time came at which one of its observations
is too old, or its probe became cut off from, or again part of, its network.
"""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from collector.state import State

T = TypeVar("T")
Made_co = TypeVar("Made_co", covariant=True)


class Make(Protocol[Made_co]):
    """Makes the answer of a host."""

    def __call__(self, host: str, now: datetime, /, *, away: bool) -> Made_co:
        """Make it for a moment, given whether the host's probe is away."""
        ...


class Kept(Generic[T]):
    """The answers of some hosts to one question."""

    def __init__(self, state: State, hosts: Iterable[str], make: Make[T]) -> None:
        self._state = state
        self._make = make
        self._changed = set(hosts)
        self._hosts = frozenset(self._changed)
        self._answers: dict[str, T] = {}
        self._away: frozenset[str] = frozenset()
        self._until: dict[str, datetime] = {}
        self._due: list[tuple[datetime, str]] = []
        self._as_of: datetime | None = None

    def change(self, hosts: Iterable[str]) -> None:
        """Note that these hosts reported."""
        self._changed.update(self._hosts.intersection(hosts))

    def refresh(self, now: datetime) -> tuple[Mapping[str, T], set[str]]:
        """Give all answers by host, and name the hosts whose answer was made anew."""
        if self._as_of is not None and now < self._as_of:
            self._changed.update(self._hosts)
        self._as_of = now
        away = frozenset(host for host in self._state.neighbours.quiet if self._is_away(host, now))
        anew = self._changed | (away ^ self._away) | self._expired(now)
        for host in anew:
            self._answers[host] = self._make(host, now, away=host in away)
            self._wait(host, self._state.source(host).unchanged_until(now))
        self._away = away
        self._changed = set()
        return self._answers, anew

    def _is_away(self, host: str, now: datetime) -> bool:
        return host in self._hosts and self._state.neighbours.away(host, now) is not None

    def _wait(self, host: str, until: datetime | None) -> None:
        if until is None:
            self._until.pop(host, None)
        elif self._until.get(host) != until:
            self._until[host] = until
            heapq.heappush(self._due, (until, host))

    def _expired(self, now: datetime) -> set[str]:
        expired: set[str] = set()
        while self._due and self._due[0][0] < now:
            until, host = heapq.heappop(self._due)
            if self._until.get(host) == until:
                expired.add(host)
        return expired
