"""What a probe has to be allowed to dial: what its plan needs (the `allow` of probe.yaml)."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import NamedTuple

from flows.hosts import Role
from flows.plan import Endpoint, Plan


class Allowed(NamedTuple):
    """Networks of one address each, DNS names, and ports; each sorted."""

    networks: tuple[str, ...]
    names: tuple[str, ...]
    ports: tuple[int, ...]


def allowed_for_host(plan: Plan, host: str) -> Allowed:
    """List what the probe of a host has to dial, whatever the phase."""
    return _allowed(path.endpoint for path in plan.by_source.get(host, ()))


def allowed_for_group(plan: Plan, group: str) -> Allowed:
    """List what the probe of any agent that joins a group will have to dial."""
    inventory = plan.inventory
    ports = inventory.ports
    handlers = (inventory.hosts[name] for name in inventory.groups[group].handlers)
    return _allowed(
        [
            *(
                (handler.address, "tcp", port)
                for handler in handlers
                for port in (ports.agent, ports.agent_legacy)
            ),
            *(
                (collector.address, "tcp", ports.gatewatch)
                for collector in inventory.with_role(Role.COLLECTOR)
            ),
        ]
    )


def _allowed(endpoints: Iterable[Endpoint]) -> Allowed:
    networks: set[str] = set()
    names: set[str] = set()
    ports: set[int] = set()
    for address, _, port in endpoints:
        ports.add(port)
        try:
            networks.add(str(ip_network(address)))
        except ValueError:
            names.add(address)
    return Allowed(tuple(sorted(networks)), tuple(sorted(names)), tuple(sorted(ports)))
