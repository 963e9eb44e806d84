"""What the estate answers when it is asked: rows for pages, the command line and metrics."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from collector.memory import SilencedBy
from flows.agents import AgentState
from flows.gates import Gate
from flows.hosts import Role
from flows.outcomes import Identity, Observation, Outcome
from flows.phases import Expectation, Phase
from flows.plan import Path, Scope
from flows.verdicts import Verdict
from flows.versions import Source


class Shade(StrEnum):
    """The colour of a path: its verdict, or what an operator said where it is not ok."""

    OK = "ok"
    BROKEN = "broken"
    UNPROVEN = "unproven"
    WAIVED = "waived"
    """That was accepted."""
    ATTESTED = "attested"
    """Nothing proved a permit, and it was proven elsewhere."""


class CellState(StrEnum):
    """What a path counts as in a matrix, the worst first."""

    BROKEN = "broken"
    UNPROVEN = "unproven"
    PENDING = "pending"
    """A goal of the phase that is not reached yet."""
    WAIVED = "waived"
    ATTESTED = "attested"
    OK = "ok"
    ADVISED = "advised"
    """It does not bind, and is only shown."""


class MatrixRow(msgspec.Struct, frozen=True, kw_only=True):
    """One path in one phase (FORMATS, `GET matrix`)."""

    path: str
    flow: str
    src: str
    dst: str
    proto: str
    port: int
    scope: Scope
    expect: Expectation
    verdict: Shade
    pending: bool
    """A goal of the phase that is not reached yet."""
    suspect: bool
    flapping: bool
    outcome: Outcome | None
    identity: Identity | None
    reason: str
    advice: tuple[str, ...]
    since: datetime | None
    """When what the verdict rests on was first seen."""
    observed_at: datetime | None
    silenced: SilencedBy | None


class AgentCell(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of a group's agents at a site over one flow to one destination, in one phase."""

    group: str
    site: str | None
    flow: str
    dst: str
    proto: str
    port: int
    expect: Expectation
    """The strongest that any of them meets."""
    counts: dict[CellState, int]
    """Of paths; what none counts as is absent."""
    suspect: int
    """How many were seen once to be otherwise."""
    path: str
    """The worst of them, which speaks for all."""
    reason: str
    """Of that one."""
    since: datetime | None


class PhaseView(msgspec.Struct, frozen=True, kw_only=True):
    """What one phase thinks of a path."""

    expect: Expectation
    binding: bool
    verdict: Shade
    pending: bool
    identity: Identity | None
    reason: str
    advice: tuple[str, ...]


class PathView(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one path."""

    path: Path
    check: int | None
    """The id of the check that measures it."""
    interval: float
    """Seconds between two measurements, stretched as it is now."""
    phases: dict[Phase, PhaseView]
    """Phases that do not ask for the path are absent."""
    observation: Observation | None
    """What verdicts rest on."""
    candidate: Observation | None
    """What was seen once since then."""
    since: datetime | None
    observed_at: datetime | None
    suspect: bool
    flapping: bool
    turns: tuple[datetime, ...]
    silenced: SilencedBy | None
    loss_at: datetime | None


class ProbeView(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the probe of a host fares."""

    up: bool
    away: bool
    """Nothing but the collector answers it, while its neighbours see some of it."""
    last_seen: datetime | None
    """None: it never reported."""
    version: str | None
    loop_lag: float | None
    spooled: int | None
    late: int | None
    dropped: int | None
    durable: bool | None
    skew: float | None
    """Seconds by which its clock is ahead."""


class HostRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One machine of the estate."""

    host: str
    address: str
    roles: tuple[Role, ...]
    site: str | None
    version: str | None
    version_source: Source | None
    virtual: bool
    probe: ProbeView | None
    """None: this host has no probe."""


class AgentProbes(msgspec.Struct, frozen=True, kw_only=True):
    """The probes of a group's agents at a site."""

    group: str
    site: str | None
    probes: int
    up: int
    away: int


class ProbeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many probes there are and how they fare; each counts once."""

    probes: int
    up: int
    away: int
    agents: tuple[AgentProbes, ...]
    """Those of agents again, by group and site; one of several groups counts in each."""


class AgentCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents of a group at a site fare alike."""

    group: str
    site: str | None
    counts: dict[AgentState, int]
    """Every state is there."""


class RollUp(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of a group's agents at a site over one flow to one destination."""

    group: str
    src_site: str | None
    dst: str
    flow: str
    counts: dict[Verdict, int]
    """Every verdict is there."""


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A gate, and since when each blocker has been as it is."""

    gate: Gate
    since: dict[str, datetime | None]
    """By id of the blocking unit."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What another inventory changes; names of hosts, ids of paths."""

    hosts_added: tuple[str, ...] = ()
    hosts_removed: tuple[str, ...] = ()
    hosts_changed: tuple[str, ...] = ()
    paths_added: tuple[str, ...] = ()
    paths_removed: tuple[str, ...] = ()
    paths_changed: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    """Other parts of the file that changed, by their key."""

    @property
    def empty(self) -> bool:
        """Whether both mean the same."""
        return self == Difference()
