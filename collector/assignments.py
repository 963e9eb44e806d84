"""Who measures what, and how often: the plan, turned into checks (DESIGN 4, Timing).

A check is one measurement of an address, protocol and port by one source; all paths that end there
share it. Every path of the plan is measured in every phase, since a gate asks about phases to come.

A destination gets at most `per_destination` checks in any second from all sources together. Where
that is too little, intervals are stretched, those of SES agents first: they come by the thousand,
and must not make the back office blind. The back office keeps at least half of the rate.

Each of the two may fill a second up to its own whole number of checks. A check falls due in the
second that its hash names or, where that one is full, in the next one that is not; so checks keep
their seconds, but for a few, while others come and go and no interval changes. A limit below 2
cannot be divided so: each of the two gets its part by a stretched interval, and the limit holds on
average only.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b, sha256

import msgspec

from collector.memory import CheckKey
from collector.timing import Timing
from flows.checks import Pace, check_of, spoken
from flows.hosts import Role
from flows.messages import Assignment, Check
from flows.outcomes import Service
from flows.plan import Path, Plan, Scope

WINDOWS = "windows"
"""How a probe's facts name it."""


def check_key(path: Path) -> CheckKey:
    """Name the check that measures a path."""
    return path.src, path.dst_address, path.proto, path.port


def allot(checks: Iterable[CheckKey], ids: Mapping[CheckKey, int]) -> dict[CheckKey, int]:
    """Give ids to the checks that have none: above all that ever were."""
    missing = dict.fromkeys(key for key in checks if key not in ids)
    first = max(ids.values(), default=0) + 1
    return {key: number for number, key in enumerate(missing, first)}


@dataclass(frozen=True, slots=True)
class _Share:
    """What the back office, or agents, get of a destination."""

    interval: float
    cap: int | None = None
    """Most checks in a second, of a whole interval; None where none needs to give way."""


class Assignments:
    """The checks of one plan."""

    def __init__(self, plan: Plan, timing: Timing) -> None:
        self.plan = plan
        self.timing = timing
        sharing: dict[CheckKey, list[Path]] = {}
        for path in plan:
            sharing.setdefault(check_key(path), []).append(path)
        self.paths: Mapping[CheckKey, tuple[Path, ...]] = {
            key: tuple(paths) for key, paths in sharing.items()
        }
        """The paths that share a check, by check."""
        by_host: dict[str, list[CheckKey]] = {}
        for key in sharing:
            by_host.setdefault(key[0], []).append(key)
        self.by_host: Mapping[str, tuple[CheckKey, ...]] = {
            host: tuple(keys) for host, keys in by_host.items()
        }
        self._back_office = frozenset(
            key for key, paths in sharing.items() if not all(path.groups for path in paths)
        )
        self._spoken = spoken(plan)
        self._intervals: dict[str, tuple[float, float]] = {}
        self._lasts: dict[str, tuple[timedelta, timedelta]] = {}
        self._offsets: dict[CheckKey, float] = {}
        self._paces: dict[str, float] = {}
        self._place()

    def interval(self, key: CheckKey) -> float:
        """Tell the seconds between two measurements of a check, stretched as they are now."""
        back_office, agents = self._intervals[key[1]]
        return back_office if key in self._back_office else agents

    def offset(self, key: CheckKey) -> float:
        """Tell the whole seconds after the begin of its interval at which a check falls due."""
        return self._offsets[key]

    def stale_after(self, key: CheckKey) -> float:
        """Tell the seconds after which an observation of a check is too old."""
        return self.timing.stale_after * self.interval(key)

    def lasts(self, key: CheckKey) -> timedelta:
        """Tell for how long an observation of a check may be judged: `stale_after` once more."""
        back_office, agents = self._lasts[key[1]]
        return back_office if key in self._back_office else agents

    def pace(self, host: str) -> float:
        """Tell the seconds between two measurements of whatever a host measures most often."""
        pace = self._paces.get(host)
        if pace is None:
            keys = self.by_host.get(host, ())
            pace = min(map(self.interval, keys), default=self.timing.agent_interval)
            self._paces[host] = pace
        return pace

    @cached_property
    def aside(self) -> frozenset[CheckKey]:
        """Checks that tell nothing of the network around a source: of itself, of the collector."""
        hosts = self.plan.inventory.hosts
        return frozenset(
            key
            for key, paths in self.paths.items()
            if any(
                path.scope is Scope.LOCAL or Role.COLLECTOR in hosts[path.dst].roles
                for path in paths
            )
        )

    def of(self, host: str, ids: Mapping[CheckKey, int], *, windows: bool) -> Assignment:
        """Write the assignment of a host."""
        timing = self.timing
        deadline = timing.deadline_windows if windows else timing.deadline
        checks = tuple(
            self._check(key, ids[key], deadline) for key in self.by_host.get(host, ()) if key in ids
        )
        revision = sha256(msgspec.json.encode(checks)).hexdigest()[:16]
        return Assignment(revision=revision, host=host, checks=checks)

    def _check(self, key: CheckKey, number: int, deadline: float) -> Check:
        pace = Pace(self.interval(key), deadline, self.offset(key))
        check = check_of(self.paths[key], self.plan.inventory, self._spoken[key[1:]], number, pace)
        sends = self.timing.syslog_send and Service.SYSLOG in check.services
        return msgspec.structs.replace(check, syslog_send=True) if sends else check

    def _place(self) -> None:
        """Find the intervals towards each destination, and the place of each check in its own."""
        towards: defaultdict[str, tuple[list[CheckKey], list[CheckKey]]]
        towards = defaultdict(lambda: ([], []))
        for key in self.paths:
            back_office, agents = towards[key[1]]
            (back_office if key in self._back_office else agents).append(key)
        for address, (back_office, agents) in towards.items():
            first, second = self._share(len(back_office), len(agents))
            self._intervals[address] = first.interval, second.interval
            self._lasts[address] = self._patience(first), self._patience(second)
            self._offsets.update(_placed(back_office, first))
            self._offsets.update(_placed(agents, second))

    def _patience(self, share: _Share) -> timedelta:
        return timedelta(seconds=self.timing.stale_after * share.interval)

    def _share(self, back_office: int, agents: int) -> tuple[_Share, _Share]:
        """Divide the seconds of a destination among so many checks of both kinds."""
        limit = math.floor(self.timing.per_destination)
        if limit < 2:
            return self._share_of_mean(back_office, agents)
        wanted = math.ceil(back_office / math.ceil(self.timing.interval))
        wanted_by_agents = math.ceil(agents / math.ceil(self.timing.agent_interval))
        given = min(wanted, max(limit - limit // 2, limit - wanted_by_agents))
        spare = max(0, limit - wanted - wanted_by_agents)
        given += spare * wanted // (wanted + wanted_by_agents)
        return (
            _capped(self.timing.interval, back_office, given),
            _capped(self.timing.agent_interval, agents, limit - given),
        )

    def _share_of_mean(self, back_office: int, agents: int) -> tuple[_Share, _Share]:
        """Divide a rate that is too low to divide its seconds."""
        limit = self.timing.per_destination
        wanted = back_office / self.timing.interval
        wanted_by_agents = agents / self.timing.agent_interval
        given = min(wanted, max(limit / 2, limit - wanted_by_agents))
        return (
            _Share(_stretched(self.timing.interval, back_office, given)),
            _Share(_stretched(self.timing.agent_interval, agents, limit - given)),
        )


def _stretched(interval: float, checks: int, rate: float) -> float:
    """Stretch an interval until so many checks keep to a rate; to whole seconds, where it grows."""
    return interval if checks <= rate * interval else float(math.ceil(checks / rate))


def _capped(interval: float, checks: int, cap: int) -> _Share:
    """Stretch an interval until its seconds hold so many checks; few fit whenever they come."""
    if checks <= cap * min(1, interval):
        return _Share(interval)
    return _Share(float(max(math.ceil(interval), math.ceil(checks / cap))), cap)


def _placed(keys: Iterable[CheckKey], share: _Share) -> Iterator[tuple[CheckKey, float]]:
    """Give each check its second in the interval; the order of the checks does not matter."""
    if share.cap is None:
        yield from ((key, offset(key, share.interval)) for key in keys)
        return
    taken = [0] * int(share.interval)
    for number, key in sorted((_hash(key), key) for key in keys):
        second = number % len(taken)
        while taken[second] == share.cap:
            second = (second + 1) % len(taken)
        taken[second] += 1
        yield key, float(second)


def offset(key: CheckKey, interval: float) -> float:
    """Name a second of an interval: any one, always the same for the same check."""
    return float(_hash(key) % max(1, int(interval)))


def _hash(key: CheckKey) -> int:
    digest = blake2b("\0".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest)
