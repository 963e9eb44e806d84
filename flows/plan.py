"""The plan: every path of an estate with what each phase expects of it (DESIGN 3)."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import msgspec

from flows.inventory import Inventory
from flows.outcomes import Service
from flows.phases import Expectation, Phase
from flows.versions import Versions


class Scope(StrEnum):
    """Whether a path crosses the network."""

    LOCAL = "local"
    """Its source is its destination or one of its members: it proves no rule of the network."""
    NETWORK = "network"


class Path(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One flow between two hosts; on the wire as in FORMATS, `plan`."""

    id: str = msgspec.field(name="path")
    flow: str
    src: str
    dst: str
    dst_address: str
    proto: str
    port: int
    service: Service
    scope: Scope
    groups: tuple[str, ...]
    """The handler groups of a source that is rolled up as an SES agent; else empty."""
    guide: str
    purpose: str
    expect: Mapping[Phase, Expectation]
    """Phases that do not ask for the path are absent."""

    @property
    def endpoint(self) -> "Endpoint":
        """Where it ends: address, protocol and port."""
        return self.dst_address, self.proto, self.port

    def binds(self, phase: Phase) -> bool:
        """Decide whether gates, counts and alerts of a phase hear of the path.

        A local path never proves a rule of the network; only its `serve` binds.
        """
        expectation = self.expect.get(phase)
        if expectation is None or not expectation.binding:
            return False
        return self.scope is Scope.NETWORK or expectation is Expectation.SERVE

    def is_goal(self, phase: Phase) -> bool:
        """Decide whether the phase exists to bring this about (DESIGN 4, Gates)."""
        expectation = self.expect.get(phase)
        if phase.before is None or GOALS.get(phase) is not expectation:
            return False
        return self.binds(phase) and self.expect.get(phase.before) is not expectation


Endpoint = tuple[str, str, int]
GOALS = {Phase.PREPARE: Expectation.PERMIT, Phase.COMPLETE: Expectation.CLOSED}
"""What the two phases that have goals are there to bring about."""


def path_id(flow: str, src: str, dst: str, proto: str, port: int) -> str:
    """Write the id of a path, as in `agent:pc-001>ah-01:tcp/443`."""
    return f"{flow}:{src}>{dst}:{proto}/{port}"


@dataclass(frozen=True)
class Plan:
    """All paths of an estate, in the order of the catalog, then of the names."""

    inventory: Inventory
    versions: Versions
    paths: Mapping[str, Path] = field(hash=False)
    """By id."""

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths.values())

    def of(self, phase: Phase) -> Iterator[Path]:
        """Walk the paths that a phase expects anything of."""
        return (path for path in self if phase in path.expect)

    @cached_property
    def by_source(self) -> Mapping[str, tuple[Path, ...]]:
        """Group the paths by the name of their source."""
        found: dict[str, list[Path]] = {}
        for path in self:
            found.setdefault(path.src, []).append(path)
        return {source: tuple(paths) for source, paths in found.items()}

    @cached_property
    def singly(self) -> tuple[Path, ...]:
        """List the paths that are judged one by one: all but those of agents' groups."""
        return tuple(path for path in self if not path.groups)

    @cached_property
    def services(self) -> Mapping[Endpoint, Mapping[Service, frozenset[Phase]]]:
        """Tell which services are planned behind an address and port, and when one must answer.

        What is planned behind a virtual host stands on its members, and the other way round.
        """
        found: dict[Endpoint, dict[Service, frozenset[Phase]]] = {}
        for path in self:
            services = found.setdefault(path.endpoint, {})
            serving = {phase for phase, asked in path.expect.items() if asked is Expectation.SERVE}
            services[path.service] = services.get(path.service, frozenset()) | serving
        joined = {endpoint: dict(services) for endpoint, services in found.items()}
        for (address, proto, port), services in joined.items():
            for other in self._machines.get(address, ()):
                for service, phases in found.get((other, proto, port), {}).items():
                    services[service] = services.get(service, frozenset()) | phases
        return joined

    @cached_property
    def _machines(self) -> Mapping[str, tuple[str, ...]]:
        """Tell which addresses lead to the same machines: a virtual host's and its members'."""
        found: dict[str, list[str]] = {}
        for host in self.inventory.hosts.values():
            for name in host.members:
                member = self.inventory.hosts[name].address
                found.setdefault(host.address, []).append(member)
                found.setdefault(member, []).append(host.address)
        return {address: tuple(others) for address, others in found.items()}

    @cached_property
    def needed(self) -> Mapping[Endpoint, Mapping[Phase, frozenset[str]]]:
        """Tell which flows need an address and port in a phase (serve or permit)."""
        found: dict[Endpoint, dict[Phase, set[str]]] = {}
        for path in self:
            for phase, asked in path.expect.items():
                if asked in _NEEDED:
                    found.setdefault(path.endpoint, {}).setdefault(phase, set()).add(path.flow)
        return {
            endpoint: {phase: frozenset(flows) for phase, flows in phases.items()}
            for endpoint, phases in found.items()
        }

    @cached_property
    def digest(self) -> str:
        """Name this very plan, as `sha256:` and hexadecimal."""
        digest = hashlib.sha256()
        encode = msgspec.json.Encoder(order="deterministic").encode
        for path in self:
            digest.update(encode(path))
        return f"sha256:{digest.hexdigest()}"


_NEEDED = frozenset({Expectation.SERVE, Expectation.PERMIT})
