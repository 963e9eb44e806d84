"""Which paths are silenced now: waivers of the inventory, and what operators said since."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import translate
from re import compile as compile_pattern
from typing import NamedTuple, assert_never

from collector.memory import Reach, Silence, SilencedBy
from flows.inventory import Inventory, Waiver
from flows.plan import Plan

_DAY = timedelta(days=1)
_LOUD = frozenset({SilencedBy.ATTESTATION})
"""What proves a path stands for no break of it."""


class _Found(NamedTuple):
    """What is silenced by which silences, as of a moment."""

    as_of: datetime | None
    holding: frozenset[Silence]
    paths: Mapping[SilencedBy, frozenset[str]]
    first: Mapping[str, SilencedBy]
    """What silences a path; a waiver before all others."""
    muted: frozenset[str]


class Silences:
    """The silences of one plan. Only those in force are matched, and matched once."""

    def __init__(self, plan: Plan, given: Iterable[Silence]) -> None:
        self._plan = plan
        self.all = (*map(waived, plan.inventory.waivers), *given)
        """Those of the inventory first, over or yet to come as well."""
        nothing = dict.fromkeys(SilencedBy, frozenset[str]())
        self._found = _Found(None, frozenset(), nothing, {}, frozenset())

    def by(self, kind: SilencedBy, now: datetime) -> frozenset[str]:
        """List the ids of the paths under a kind of silence."""
        return self._at(now).paths[kind]

    def of(self, path: str, now: datetime) -> SilencedBy | None:
        """Tell what silences a path; a waiver before all others."""
        return self._at(now).first.get(path)

    def mutes(self, path: str, now: datetime) -> bool:
        """Decide whether alerts must not hear that a path is broken."""
        return path in self._at(now).muted

    def _at(self, now: datetime) -> _Found:
        known = self._found
        if now == known.as_of:
            return known
        holding = frozenset(one for one in self.all if one.holds(now))
        is_known = holding == known.holding
        found = known._replace(as_of=now) if is_known else self._match(holding, now)
        self._found = found  # at once: orders decide in a thread
        return found

    def _match(self, holding: frozenset[Silence], now: datetime) -> _Found:
        paths = {
            kind: frozenset(
                path for one in holding if one.kind is kind for path in under(self._plan, one)
            )
            for kind in SilencedBy
        }
        first = {path: kind for kind in reversed(SilencedBy) for path in paths[kind]}
        muted = frozenset[str]().union(*(paths[kind] for kind in SilencedBy if kind not in _LOUD))
        return _Found(now, holding, paths, first, muted)


def waived(waiver: Waiver) -> Silence:
    """Read a waiver of the inventory."""
    return Silence(
        kind=SilencedBy.WAIVER, glob=waiver.path, reason=waiver.reason, until=end_of(waiver.until)
    )


def end_of(day: date) -> datetime:
    """Tell when a day is over, in UTC."""
    midnight = datetime.combine(day, time.min, UTC)
    return midnight + _DAY if day < date.max else datetime.max.replace(tzinfo=UTC)


def under(plan: Plan, silence: Silence) -> Iterator[str]:
    """Walk the ids of the paths that a silence is about."""
    if silence.reach is Reach.PATHS:
        matches = _pattern(silence.glob)
        return (path for path in plan.paths if matches(path))
    hosts = hosts_under(plan.inventory, silence)
    return (path.id for path in plan if path.src in hosts or path.dst in hosts)


def hosts_under(inventory: Inventory, silence: Silence) -> frozenset[str]:
    """Name the hosts that a silence is about; a virtual one with all of its members."""
    matches = _pattern(silence.glob)
    match silence.reach:
        case Reach.HOSTS:
            named = {name for name in inventory.hosts if matches(name)}
        case Reach.SITES:
            every = inventory.hosts.values()
            named = {host.name for host in every if host.site and matches(host.site)}
        case Reach.PATHS:
            named = set()
        case _:
            assert_never(silence.reach)
    virtual = {
        host.name
        for host in inventory.hosts.values()
        if host.members and named.issuperset(host.members)
    }
    return frozenset(named | virtual)


def _pattern(glob: str) -> Callable[[str], object]:
    return compile_pattern(translate(glob)).match
