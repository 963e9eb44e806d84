"""Who measures what, and how often: the plan, turned into checks (DESIGN 4, Timing).

A check is one measurement of an address, protocol and port by one source; all paths that end there
share it. Every path of the plan is measured in every phase, since a gate asks about phases to come.

A destination gets at most `per_destination` checks a second from all sources together. Where that
is too little, intervals are stretched, those of SES agents first: they come by the thousand, and
must not make the back office blind. The back office keeps at least half of the rate.
"""

import math
from collections.abc import Mapping
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


def allot(plan: Plan, ids: Mapping[CheckKey, int]) -> dict[CheckKey, int]:
    """Give ids to the checks of a plan that have none: above all that ever were."""
    missing = dict.fromkeys(key for path in plan if (key := check_key(path)) not in ids)
    first = max(ids.values(), default=0) + 1
    return {key: number for number, key in enumerate(missing, first)}


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
        self._stretched = self._stretch()

    def interval(self, key: CheckKey) -> float:
        """Tell the seconds between two measurements of a check, stretched as they are now."""
        back_office, agents = self._stretched[key[1]]
        return back_office if key in self._back_office else agents

    def stale_after(self, key: CheckKey) -> float:
        """Tell the seconds after which an observation of a check is too old."""
        return self.timing.stale_after * self.interval(key)

    def pace(self, host: str) -> float:
        """Tell the seconds between two measurements of whatever a host measures most often."""
        keys = self.by_host.get(host, ())
        return min(map(self.interval, keys), default=self.timing.agent_interval)

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
        interval = self.interval(key)
        pace = Pace(interval, deadline, offset(key, interval))
        check = check_of(self.paths[key], self.plan.inventory, self._spoken[key[1:]], number, pace)
        sends = self.timing.syslog_send and Service.SYSLOG in check.services
        return msgspec.structs.replace(check, syslog_send=True) if sends else check

    def _stretch(self) -> dict[str, tuple[float, float]]:
        """Find the intervals towards each destination: of the back office, and of agents."""
        back_office: dict[str, int] = {}
        agents: dict[str, int] = {}
        for key in self.paths:
            counted = back_office if key in self._back_office else agents
            counted[key[1]] = counted.get(key[1], 0) + 1
        return {
            address: self._share(back_office.get(address, 0), agents.get(address, 0))
            for address in {**back_office, **agents}
        }

    def _share(self, back_office: int, agents: int) -> tuple[float, float]:
        """Divide a destination's rate among so many checks of both kinds."""
        limit = self.timing.per_destination
        wanted = back_office / self.timing.interval
        wanted_by_agents = agents / self.timing.agent_interval
        given = min(wanted, max(limit / 2, limit - wanted_by_agents))
        return (
            _stretched(self.timing.interval, back_office, given),
            _stretched(self.timing.agent_interval, agents, limit - given),
        )


def _stretched(interval: float, checks: int, rate: float) -> float:
    """Stretch an interval until so many checks keep to a rate; to whole seconds, where it grows."""
    return interval if checks <= rate * interval else float(math.ceil(checks / rate))


def offset(key: CheckKey, interval: float) -> float:
    """Place a check in its interval: anywhere, in whole seconds, always the same for the same."""
    digest = blake2b("\0".join(map(str, key)).encode(), digest_size=8).digest()
    return float(int.from_bytes(digest) % max(1, int(interval)))
