"""The estate as its operator wrote it down (DESIGN 2): checked, complete, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from flows.hosts import Host, Need, Role, Version
from flows.outcomes import Service
from flows.phases import Expectation, Phase


class SyslogProtocol(StrEnum):
    """How a handler group sends its logs, with the guide's port for each."""

    TCP = "tcp"
    UDP = "udp"
    TLS = "tls"

    @property
    def default_port(self) -> int:
        """The documented port (guide 3.2, Agent handler, outgoing)."""
        return {"tcp": 1468, "udp": 514, "tls": 5614}[self.value]


@dataclass(frozen=True, slots=True, order=True)
class SyslogTarget:
    """One syslog server of a handler group."""

    server: str
    protocol: SyslogProtocol
    port: int


@dataclass(frozen=True, slots=True)
class HandlerGroup:
    """Agent handlers, the agents that may use them, and what they share."""

    name: str
    handlers: tuple[str, ...]
    agents: tuple[str, ...]
    backends: tuple[str, ...] | None = None
    """Whom its handlers call; None is every backend."""
    legacy_protocol: bool = True
    """The console's "Enable old communication protocol"."""
    syslog: tuple[SyslogTarget, ...] = ()
    assumed: bool = False
    """No group was declared: this is everybody, and its syslog paths are only advised."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the estate; the guide's unless the operator changed them."""

    agent: int = 443
    agent_legacy: int = 17000
    backend: int = 443
    backend_colocated: int = 8443
    public_api: int = 10443
    policy_update: int = 443
    gatewatch: int = 8642


@dataclass(frozen=True, slots=True)
class ExtraFlow:
    """A row of the operator's own."""

    flow: str
    sources: tuple[str, ...]
    """Names of roles or hosts."""
    destinations: tuple[str, ...]
    proto: str
    port: int
    service: Service
    expect: dict[Phase, Expectation] = field(hash=False)
    why: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """The operator accepts that paths are not ok, for a time."""

    path: str
    """Glob over whole path ids."""
    reason: str
    until: date
    """The last day on which it holds, UTC."""


@dataclass(frozen=True, slots=True)
class Migration:
    """Which migration this is."""

    name: str
    old: Version
    new: Version


@dataclass(frozen=True)
class Inventory:
    """A whole estate. Hosts and groups are by name; every name in it exists."""

    migration: Migration
    hosts: dict[str, Host] = field(hash=False)
    groups: dict[str, HandlerGroup] = field(hash=False)
    ports: Ports = Ports()
    separate_backend_8443: Need = Need.ADVISE
    extra_flows: tuple[ExtraFlow, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def with_role(self, role: Role) -> list[Host]:
        """List every host of a role, by name."""
        return [host for _, host in sorted(self.hosts.items()) if role in host.roles]

    def sources(self, role: Role) -> list[Host]:
        """List the hosts that can act as a source in a role, by name."""
        return [host for host in self.with_role(role) if not host.virtual]

    @cached_property
    def groups_by_agent(self) -> Mapping[str, tuple[HandlerGroup, ...]]:
        """Look up the groups of each agent, by name of the agent; groups by name."""
        found: dict[str, list[HandlerGroup]] = {}
        for _, group in sorted(self.groups.items()):
            for agent in group.agents:
                found.setdefault(agent, []).append(group)
        return {agent: tuple(groups) for agent, groups in found.items()}

    @cached_property
    def plain_agents(self) -> tuple[Host, ...]:
        """List the hosts that are agents and nothing else, by name: they come by the thousand."""
        return tuple(host for _, host in sorted(self.hosts.items()) if host.is_plain_agent)

    @cached_property
    def others(self) -> tuple[Host, ...]:
        """List all other hosts, by name."""
        return tuple(host for _, host in sorted(self.hosts.items()) if not host.is_plain_agent)

    def is_colocated(self, backend: Host) -> bool:
        """Whether a backend shares its machine with an agent handler (guide 3.2)."""
        machines = [backend, *(self.hosts[name] for name in backend.members)]
        return any(Role.AGENT_HANDLER in machine.roles for machine in machines)
