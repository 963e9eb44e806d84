"""Agents that join at run time: laid over the inventory, which need not name them."""

from collections.abc import Mapping
from dataclasses import replace

from collector.credentials import Joined
from flows.hosts import Host, Role
from flows.inventory import Inventory


def with_joined(inventory: Inventory, joined: Mapping[str, Joined]) -> Inventory:
    """Add the agents that joined; a host that the inventory names itself is the inventory's.

    Agents of a group that is no more are left out until it is there again.
    """
    new = {
        name: one
        for name, one in joined.items()
        if name not in inventory.hosts and one.group in inventory.groups
    }
    if not new:
        return inventory
    hosts = {name: _host(name, one) for name, one in sorted(new.items())}
    agents: dict[str, list[str]] = {}
    for name in hosts:
        agents.setdefault(new[name].group, []).append(name)
    groups = {
        name: replace(group, agents=(*group.agents, *agents.get(name, ())))
        for name, group in inventory.groups.items()
    }
    return replace(inventory, hosts={**inventory.hosts, **hosts}, groups=groups)


def _host(name: str, joined: Joined) -> Host:
    return Host(
        name=name,
        address=joined.address,
        roles=frozenset({Role.AGENT}),
        site=joined.site,
    )
