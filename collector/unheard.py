"""Probes that fall silent, and that are back: each once, and those of one place together.

Agents are told of by group and site, other machines by site (DESIGN 7). A silence is told once all
that one cause may have silenced are known to be silent: a cable that is pulled finds the last
reports of a site spread over an interval.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from collector.alerts import maintained
from collector.memory import Changes, Event, EventKind, Unheard
from collector.places import Place, Places
from collector.state import State
from flows.messages import rfc3339

SETTLES = 0.5
"""Of the patience with a probe: for so much longer others of its place may follow it."""
RETURN = timedelta(minutes=2)
"""A probe that found no collector tries again within so long, whatever it waited for."""
_MOST_NAMED = 10

Hosts = Mapping[str, Unheard]


def decide_unheard(state: State, heard_from: datetime, now: datetime) -> Changes:
    """Decide which silences and returns are to be told.

    `heard_from` is since when this collector was there to hear: nobody is silent for what passed
    before it.
    """
    under = maintained(state, now)
    known = {host: one for host, one in state.unheard.items() if _is_probe(state, host)}
    gone = state.unheard.keys() - known.keys()
    fallen = _fallen(state, heard_from, now)
    back = {host: one.back + _settling(state, host) for host, one in known.items() if one.back}
    silent = {host: one for host, one in known.items() if one.back is None}
    moved = {
        host: msgspec.structs.replace(one, maintained=host in under)
        for host, one in silent.items()
        if one.maintained != (host in under)
    }
    if not (gone or fallen or back or moved):
        return Changes()
    places = Places(state.inventory)
    told = {host: known[host] for host in _settled(back, places, now)}
    new = {
        host: Unheard(since=state.probes[host].last_seen, maintained=host in under)
        for host in _settled(fallen, places, now)
    }
    left = {host: one for host, one in moved.items() if not one.maintained}
    telling = _Telling(places, now, Counter(map(places.of, (*silent, *new))))
    return Changes(
        unheard={**dict.fromkeys(gone), **dict.fromkeys(told), **moved, **new},
        events=(*telling.back(told), *telling.silent(new), *telling.still_silent(left)),
    )


def _is_probe(state: State, host: str) -> bool:
    known = state.inventory.hosts.get(host)
    return known is not None and known.has_probe


def _fallen(state: State, heard_from: datetime, now: datetime) -> dict[str, datetime]:
    """Find who is silent and was not told to be, each with the moment at which it is to be."""
    shortest = timedelta(seconds=state.timing.stale_after * state.timing.shortest_interval)
    fallen: dict[str, datetime] = {}
    for host, seen in state.probes.items():
        if now - seen.last_seen <= shortest or host in state.unheard:
            continue
        counted = seen.last_seen if seen.last_seen >= heard_from else heard_from + RETURN
        patience = state.patience(host)
        if now - counted > patience and _is_probe(state, host):
            fallen[host] = counted + (1 + SETTLES) * patience
    return fallen


def _settling(state: State, host: str) -> timedelta:
    return SETTLES * state.patience(host)


def _settled(due: Mapping[str, datetime], places: Places, now: datetime) -> list[str]:
    """List the hosts of each place where the time of any has come."""
    settled = {places.of(host) for host, moment in due.items() if moment <= now}
    return [host for host in due if places.of(host) in settled]


@dataclass(frozen=True, slots=True)
class _Telling:
    """Words for many hosts: an event for all of a place that are, or are not, maintained."""

    places: Places
    now: datetime
    silent_now: Counter[Place]
    """How many are silent with what is decided now."""

    def silent(self, hosts: Hosts) -> Iterator[Event]:
        """Tell who fell silent; the moment is that since which all of them are."""
        for place, some in self._by_place(hosts):
            since = rfc3339(max(one.since for one in some.values()))
            have = "has" if len(some) == 1 else "have"
            text = f"{have} been silent since {since}"
            others = self.silent_now[place] - len(some)
            more = f"; silent before: {others}" if others else ""
            yield self._event(place, some, text, more, after="silent")

    def still_silent(self, hosts: Hosts) -> Iterator[Event]:
        """Tell who is silent at the end of a maintenance."""
        for place, some in self._by_place(hosts):
            since = rfc3339(max(one.since for one in some.values()))
            are = "is" if len(some) == 1 else "are"
            text = f"{are} no longer under maintenance, and silent since {since}"
            yield self._event(place, some, text, before="silenced", after="silent")

    def back(self, hosts: Hosts) -> Iterator[Event]:
        """Tell who is back."""
        for place, some in self._by_place(hosts):
            spans = (one.back - one.since for one in some.values() if one.back)
            seconds = max(spans).total_seconds()
            are = "is back after" if len(some) == 1 else "are back after up to"
            silent = self.silent_now[place]
            more = f"; still silent: {silent}" if silent else ""
            text = f"{are} {seconds:.0f} s of silence"
            yield self._event(place, some, text, more, before="silent", after="up")

    def _by_place(self, hosts: Hosts) -> Iterator[tuple[Place, Hosts]]:
        found: dict[tuple[Place, bool], dict[str, Unheard]] = {}
        for host, one in hosts.items():
            found.setdefault((self.places.of(host), one.maintained), {})[host] = one
        yield from ((place, some) for (place, _), some in found.items())

    def _event(
        self,
        place: Place,
        hosts: Hosts,
        text: str,
        more: str = "",
        *,
        before: str | None = None,
        after: str,
    ) -> Event:
        names = sorted(hosts)
        if len(names) == 1:
            subject, who, named = names[0], "the probe", ""
        else:
            subject = str(place)
            who = f"{len(names)} of {self.places.sizes[place]} probes of {place}"
            unnamed = len(names) - _MOST_NAMED
            named = f" ({', '.join(names[:_MOST_NAMED])}"
            named += f" and {unnamed} more)" if unnamed > 0 else ")"
        under = ", under maintenance" if any(one.maintained for one in hosts.values()) else ""
        return Event(
            at=self.now,
            kind=EventKind.PROBE,
            subject=subject,
            before=before,
            after=after,
            reason=f"{who} {text}{under}{named}{more}",
        )
