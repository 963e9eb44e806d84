"""Where probes are that are told of together: agents by group and site, others by site."""

from collections import Counter
from functools import cached_property
from typing import NamedTuple

from flows.inventory import Inventory


class Place(NamedTuple):
    """Probes that one cause may silence."""

    group: str | None
    """Of agents; None for machines that are more than that."""
    site: str | None

    def __str__(self) -> str:
        match self:
            case (None, None):
                return "no site"
            case (None, site):
                return f"site {site}"
            case (group, None):
                return f"group {group}"
            case (group, site):
                return f"group {group} at site {site}"


def place_named(inventory: Inventory, host: str | None) -> str | None:
    """Name the place of a host; None for one that has no probe, or is not there."""
    known = None if host is None else inventory.hosts.get(host)
    return str(Places(inventory).of(known.name)) if known and known.has_probe else None


class Places:
    """The places of an inventory. An agent of several groups is told of with its first alone."""

    def __init__(self, inventory: Inventory) -> None:
        self._hosts = inventory.hosts
        self._groups = inventory.groups_by_agent

    def of(self, host: str) -> Place:
        """Tell the place of a host with a probe."""
        known = self._hosts[host]
        groups = self._groups.get(host, ()) if known.is_plain_agent else ()
        return Place(groups[0].name if groups else None, known.site)

    @cached_property
    def sizes(self) -> Counter[Place]:
        """How many probes each place has, heard of or not."""
        return Counter(self.of(host.name) for host in self._hosts.values() if host.has_probe)
