"""Which paths of a phase, and which hosts, are asked for: all of them, or some."""

from collections.abc import Callable, Iterator
from fnmatch import translate
from re import compile as compile_pattern

import msgspec

from collector.probe_counts import is_agent_alone
from flows.hosts import Host
from flows.inventory import Inventory
from flows.phases import Phase
from flows.plan import Path, Plan

_WILD = frozenset("*?[")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a path has to be; None is whatever it is."""

    flow: str | None = None
    """Pattern (fnmatch) over names of flows; the next two over names of hosts."""
    src: str | None = None
    dst: str | None = None
    group: str | None = None
    """Name of a handler group: only the paths of its agents."""
    site: str | None = None
    """Name of the site of the source."""

    def paths(self, plan: Plan, phase: Phase) -> Iterator[Path]:
        """Walk them in the order of the plan."""
        sites = {name: host.site for name, host in plan.inventory.hosts.items()}
        flow, src, dst = map(_matcher, (self.flow, self.src, self.dst))
        for path in self._near(plan):
            if (
                phase in path.expect
                and flow(path.flow)
                and src(path.src)
                and dst(path.dst)
                and (self.group is None or self.group in path.groups)
                and (self.site is None or self.site == sites[path.src])
            ):
                yield path

    def _near(self, plan: Plan) -> Iterator[Path]:
        """Walk at least those; of a source that is named outright no others."""
        if self.src is None or _WILD.intersection(self.src):
            yield from plan
        else:
            yield from plan.by_source.get(self.src, ())


ALL = Wanted()


class WantedHosts(msgspec.Struct, frozen=True, kw_only=True):
    """What a host has to be; None is whatever it is."""

    agents: bool = True
    """Whether those that are agents and nothing else are wanted too."""
    group: str | None = None
    """Name of a handler group: only its agents."""
    site: str | None = None

    def hosts(self, inventory: Inventory) -> Iterator[Host]:
        """Walk them by name."""
        group = inventory.groups.get(self.group or "")
        members = frozenset(group.agents if group else ())
        for name, host in sorted(inventory.hosts.items()):
            if (
                (self.agents or not is_agent_alone(host))
                and (self.group is None or name in members)
                and (self.site is None or self.site == host.site)
            ):
                yield host


EVERY_HOST = WantedHosts()


def _matcher(glob: str | None) -> Callable[[str], bool]:
    if glob is None:
        return lambda _: True
    pattern = compile_pattern(translate(glob))
    return lambda word: pattern.match(word) is not None
