"""What the collector answers, as far as commands show it (FORMATS; DESIGN 6).

Words stay text: a newer collector may know more of them. What it says besides is left alone, and
`--format json` hands on all of it.
"""

from datetime import datetime

import msgspec


class Blocker(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way of a gate: a path, or for agents a (group, flow, handler)."""

    flow: str
    dst: str
    expect: str
    verdict: str
    reason: str
    guide: str
    path: str | None = None
    group: str | None = None
    since: datetime | None = None


class HostProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A host that does not run what the phase needs."""

    host: str
    problem: str


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a gate."""

    phase: str
    state: str
    done: bool
    counts: dict[str, int]
    blockers: tuple[Blocker, ...] = ()
    hosts: tuple[HostProblem, ...] = ()


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A path in the matrix of a phase."""

    path: str
    flow: str
    src: str
    dst: str
    proto: str
    port: int
    expect: str
    verdict: str
    reason: str
    scope: str = "network"
    pending: bool = False
    suspect: bool = False
    flapping: bool = False
    since: datetime | None = None


class AgentCell(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of a group's agents at a site over one flow to one destination."""

    group: str
    flow: str
    dst: str
    proto: str
    port: int
    expect: str
    counts: dict[str, int]
    path: str
    reason: str
    site: str | None = None
    suspect: int = 0
    since: datetime | None = None


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of a phase; agents' counted where they are rolled up."""

    phase: str
    rows: tuple[Cell, ...]
    agents: tuple[AgentCell, ...] = ()


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """How the probe of a host fares."""

    up: bool
    away: bool = False
    last_seen: datetime | None = None
    version: str | None = None
    spooled: int | None = None
    late: int | None = None
    dropped: int | None = None
    durable: bool | None = None
    skew: float | None = None
    """Seconds by which its clock is ahead."""


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A machine of the estate."""

    host: str
    address: str
    roles: tuple[str, ...]
    site: str | None = None
    version: str | None = None
    version_source: str | None = None
    virtual: bool = False
    probe: Probe | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    at: datetime
    kind: str
    subject: str
    reason: str = ""
    before: str | None = None
    after: str | None = None
    by: str | None = None
    id: int | None = None


class NotReady(msgspec.Struct, frozen=True, kw_only=True):
    """The problem document of a phase that may not start: it carries the gate."""

    gate: msgspec.Raw = msgspec.Raw()


class CurrentPhase(msgspec.Struct, frozen=True, kw_only=True):
    """The phase that holds."""

    phase: str
    since: datetime | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the network did."""

    outcome: str
    address: str | None = None
    stage: str | None = None
    detail: str = ""
    answered_by: str | None = None
    sender: str | None = msgspec.field(default=None, name="from")
    seconds: float = 0.0
    stages: dict[str, float] = {}
    rtt_seconds: float | None = None
    syn_retransmits: int = 0
    addresses: tuple["Seen", ...] = ()


class PhaseView(msgspec.Struct, frozen=True, kw_only=True):
    """What one phase thinks of a path."""

    expect: str
    verdict: str
    reason: str
    binding: bool = True
    pending: bool = False
    identity: str | None = None
    advice: tuple[str, ...] = ()


class PathView(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one path."""

    path: str
    dst_address: str
    service: str
    guide: str
    purpose: str
    phases: dict[str, PhaseView]
    interval: float
    scope: str = "network"
    observation: Seen | None = None
    candidate: Seen | None = None
    since: datetime | None = None
    observed_at: datetime | None = None
    flapping: bool = False
    silenced: str | None = None
    loss_at: datetime | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What another inventory changes."""

    hosts_added: tuple[str, ...] = ()
    hosts_removed: tuple[str, ...] = ()
    hosts_changed: tuple[str, ...] = ()
    paths_added: tuple[str, ...] = ()
    paths_removed: tuple[str, ...] = ()
    paths_changed: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class Applied(Difference, frozen=True, kw_only=True):
    """What became of another inventory, and what it changes."""

    applied: bool
    warnings: tuple[str, ...] = ()


class VersionsSet(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts whose version was set."""

    hosts: tuple[str, ...]
    version: str | None = None
