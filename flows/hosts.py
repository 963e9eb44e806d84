"""The machines of the estate, what they do, and which version they run."""

import functools
import re
from dataclasses import dataclass, field
from enum import StrEnum

from flows.outcomes import Service


class Role(StrEnum):
    """What a host does in SES Evolution, or for Gatewatch."""

    BACKEND = "backend"
    AGENT_HANDLER = "agent-handler"
    CONSOLE = "console"
    AGENT = "agent"
    SQL_SERVER = "sql-server"
    SYSLOG_SERVER = "syslog-server"
    POLICY_UPDATE_SERVER = "policy-update-server"
    API_CLIENT = "api-client"
    COLLECTOR = "collector"


PROBE_ROLES = frozenset(
    {Role.BACKEND, Role.AGENT_HANDLER, Role.CONSOLE, Role.AGENT, Role.API_CLIENT}
)
"""Roles whose hosts carry a probe."""
BACK_OFFICE = frozenset({Role.BACKEND, Role.AGENT_HANDLER, Role.CONSOLE})
"""Roles that the back-office phase upgrades (guide 3.1)."""


@functools.total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A release of SES Evolution: numbers between dots."""

    text: str

    PATTERN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}")

    def __post_init__(self) -> None:
        if not self.PATTERN.fullmatch(self.text):
            raise ValueError(f"'{self.text}' is not a version such as 2.7.1")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers without trailing zeros, so that 2.7 and 2.7.0 are the same release."""
        numbers = [int(part) for part in self.text.split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        return tuple(numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.numbers == other.numbers

    def __hash__(self) -> int:
        return hash(self.numbers)

    def __lt__(self, other: "Version") -> bool:
        return self.numbers < other.numbers

    def __str__(self) -> str:
        return self.text

    @property
    def is_new(self) -> bool:
        """Whether it speaks the ports of the new release (guide 3.2: 2.7.1 or higher)."""
        return self >= FIRST_NEW


FIRST_NEW = Version("2.7.1")


class Need(StrEnum):
    """How much an optional path matters to this estate."""

    IGNORE = "ignore"
    ADVISE = "advise"
    REQUIRE = "require"


@dataclass(frozen=True, slots=True)
class Sql:
    """One SQL Server instance of a host."""

    port: int = 1433
    instance: str | None = None
    port_assumed: bool = False
    """An instance was named without its port: 1433 is a guess that the Browser may correct."""
    browser: Need = Need.ADVISE
    dac: Need = Need.ADVISE


@dataclass(frozen=True, slots=True)
class Claim:
    """What the inventory says that a service shows; absent parts claim nothing."""

    sha256: str | None = None
    """Of the leaf certificate, lower-case hexadecimal."""
    issuer: str | None = None
    """Pattern (fnmatch) over the issuer as RFC 4514 writes it."""
    server: str | None = None
    """Pattern (fnmatch) over the HTTP `Server` header."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the estate."""

    name: str
    address: str
    """IP literal, without brackets, or DNS name."""
    roles: frozenset[Role]
    site: str | None = None
    version: Version | None = None
    virtual: bool = False
    """A load-balanced address: a destination, never a source."""
    members: tuple[str, ...] = ()
    backends: tuple[str, ...] | None = None
    """Whom a console calls; None is every backend."""
    sql: tuple[Sql, ...] = ()
    """The instances of a sql-server; never empty for one."""
    identity: dict[Service, Claim] = field(default_factory=dict, hash=False)

    @property
    def has_probe(self) -> bool:
        """Whether our probe runs there: it can be a source."""
        return not self.virtual and not PROBE_ROLES.isdisjoint(self.roles)

    @property
    def is_plain_agent(self) -> bool:
        """Whether it is a source as an SES agent only, and is rolled up with its group."""
        return self.roles & PROBE_ROLES == {Role.AGENT}
