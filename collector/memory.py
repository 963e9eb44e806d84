"""What survives a restart, and what one decision wants to add to it.

The store keeps these; the estate decides on them. Nothing here knows how it is kept.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from collector.connect_times import Spread
from collector.credentials import Credential, Enrolment, Joined
from collector.runs import Answer, OnDemand
from flows.cells import Cell
from flows.hosts import Version
from flows.messages import Facts
from flows.phases import Phase
from flows.plan import Plan

CheckKey = tuple[str, str, str, int]
"""Source host, destination address as the inventory writes it, protocol, port."""
CellKey = CheckKey
"""A cell is what is known of one check."""
Goal = tuple[Phase, str]
"""A phase, and what it brought about: the id of a path or of an agents' unit."""


class ProbeSeen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a probe last said of itself."""

    last_seen: datetime
    """When its last report came, by the collector's clock."""
    version: str
    loop_lag: float = 0.0
    """Seconds by which its event loop was late at worst."""
    spooled: int = 0
    """Results that wait on its disk."""
    late: int = 0
    """Checks since its start that began late."""
    dropped: int = 0
    """Results that its spool gave up."""
    durable: bool = True
    """Whether its spool is on its disk, and not in memory alone."""
    skew: float = 0.0
    """Seconds by which its clock was ahead when the report came, the way here included."""
    correction: float = 0.0
    """Seconds that are taken off its times."""
    newest: datetime | None = None
    """By its own clock, when the newest of its results was made."""
    facts: Facts = Facts()
    """What it knows of its own host; kept while it says nothing new."""


class Unheard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A probe whose silence was told, until its return is told too."""

    since: datetime
    """When its last report came before."""
    back: datetime | None = None
    """When its first report came after."""
    maintained: bool = False
    """Whether somebody works on its host: the end of that is told where the silence goes on."""


class Shown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the services of a host show of its version (DESIGN 2)."""

    new: bool
    """The new release's services answered; else the old ones came back after them."""
    at: datetime
    """Since when that was seen; older evidence says nothing against it."""


class SilencedBy(StrEnum):
    """What an operator said of paths; the first of several that hold is shown."""

    WAIVER = "waiver"
    """They need not be ok."""
    MAINTENANCE = "maintenance"
    """Somebody works there."""
    ATTESTATION = "attestation"
    """It was proven elsewhere that the network lets them through."""


class Reach(StrEnum):
    """What the pattern of a silence is over."""

    PATHS = "paths"
    """Whole path ids."""
    HOSTS = "hosts"
    """Names of hosts: every path that begins or ends there."""
    SITES = "sites"
    """Names of sites: as of all of their hosts."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's word about paths, for a time."""

    kind: SilencedBy
    glob: str
    """Pattern (fnmatch)."""
    reason: str
    until: datetime
    """When it no longer holds."""
    reach: Reach = Reach.PATHS
    begins: datetime | None = None
    """None: at once."""
    by: str | None = None
    """Who said it; None for the inventory."""

    def holds(self, now: datetime) -> bool:
        """Decide whether it is in force."""
        return (self.begins is None or self.begins <= now) and now < self.until


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """All that survives a restart, but for the events."""

    inventory_text: str
    inventory_name: str
    """The file's name in messages."""
    phase: Phase
    phase_since: datetime
    versions: dict[str, Version] = {}
    """By host, as operators set them."""
    shown: dict[str, Shown] = {}
    """By host, as services show them."""
    cells: dict[CellKey, Cell] = {}
    check_ids: dict[CheckKey, int] = {}
    """Of every check that ever was: an id is never given to another one."""
    reached: frozenset[Goal] = frozenset()
    probes: dict[str, ProbeSeen] = {}
    unheard: dict[str, Unheard] = {}
    """By host."""
    breaks: dict[CellKey, datetime] = {}
    """Since when a syslog server has been out of a handler's reach, however it showed."""
    silences: dict[str, Silence] = {}
    """By id, as given at run time; waivers of the inventory stand there."""
    runs: dict[str, OnDemand] = {}
    """By id, those that still run and the last that are over."""
    answers: frozenset[Answer] = frozenset()
    """What was answered of the runs that still run."""
    connects: dict[str, Spread] = {}
    """How long connecting took, by flow."""
    credentials: dict[str, Credential] = {}
    """By id."""
    enrolments: dict[str, Enrolment] = {}
    """By id."""
    joined: dict[str, Joined] = {}
    """Agents that joined at run time, by host."""


class EventKind(StrEnum):
    """What can happen."""

    TURN = "turn"
    """What was seen of a path is confirmed to be another; before and after are verdicts."""
    SUSPECT = "suspect"
    """It was seen once; the verdict does not turn yet."""
    PHASE = "phase"
    """Set, or refused by its gate; `after` is none then."""
    VERSION = "version"
    """Set by an operator, or shown by a service."""
    INVENTORY = "inventory"
    GOAL = "goal"
    """A goal of the current phase is reached."""
    PROBE = "probe"
    """A probe came for the first time, fell silent, came back, or runs another release."""
    WAIVER = "waiver"
    """Given, taken back, or ended; or a path that is broken is no longer under it."""
    ATTESTATION = "attestation"
    """Given, taken back, or ended."""
    MAINTENANCE = "maintenance"
    """As for a waiver."""
    RUN = "run"
    """Asked for, cancelled, or over."""
    CREDENTIAL = "credential"
    """Given, exchanged or revoked; a host that joined was removed; or somebody may not."""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened."""

    at: datetime
    kind: EventKind
    subject: str
    """The path id, host, phase or file that it is about."""
    reason: str
    before: str | None = None
    after: str | None = None
    by: str | None = None
    """The operator; None where nobody asked for it."""
    id: int | None = None
    """Given by the store."""


class Counts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of the results of a report."""

    accepted: int = 0
    dropped: int = 0
    """Of checks that are not, or no longer, this host's."""
    old: int = 0
    """Not newer than what is known."""
    clamped: int = 0
    """Stamped in the future by the probe's clock, and taken as of now."""


class InventoryText(msgspec.Struct, frozen=True, kw_only=True):
    """A whole inventory as its operator wrote it."""

    text: str
    name: str


class PhaseSet(msgspec.Struct, frozen=True, kw_only=True):
    """The phase that holds, and since when."""

    phase: Phase
    since: datetime


class Changes(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that one decision wants to persist; empty where nothing happened."""

    cells: dict[CellKey, Cell] = {}
    forgotten: frozenset[CellKey] = frozenset()
    """Cells of checks that left the inventory."""
    events: tuple[Event, ...] = ()
    reached: frozenset[Goal] = frozenset()
    """Added."""
    check_ids: dict[CheckKey, int] = {}
    """Added."""
    probes: dict[str, ProbeSeen] = {}
    unheard: dict[str, Unheard | None] = {}
    """By host; None: its return was told, or it is no probe's host any more."""
    phase: PhaseSet | None = None
    versions: dict[str, Version | None] = {}
    """None: no longer set."""
    shown: dict[str, Shown] = {}
    breaks: dict[CellKey, datetime | None] = {}
    """None: no longer broken."""
    silences: dict[str, Silence | None] = {}
    """By id; None: it is over."""
    runs: dict[str, OnDemand | None] = {}
    """By id; None: forgotten."""
    answers: frozenset[Answer] = frozenset()
    """Added."""
    run_rows: dict[str, bytes] = {}
    """What runs that are over now say of their paths, packed; kept by the store alone."""
    credentials: dict[str, Credential | None] = {}
    """By id; None: revoked."""
    enrolments: dict[str, Enrolment | None] = {}
    """By id; None: over."""
    joined: dict[str, Joined | None] = {}
    """By host; None: removed. The plan follows later, for many at once."""
    inventory: InventoryText | None = None
    counts: Counts = Counts()
    plan: Plan | None = None
    """The new plan where one was made; follows from the rest and is not persisted."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to persist."""
        return (
            not self.cells
            and msgspec.structs.replace(self, counts=Counts(), plan=None) == Changes()
        )

    @property
    def by_source(self) -> Mapping[str, Mapping[CellKey, Cell]]:
        """The cells by the host that measured them; a report brings those of one."""
        hosts = {key[0] for key in self.cells}
        if len(hosts) == 1:
            return dict.fromkeys(hosts, self.cells)
        sources: dict[str, dict[CellKey, Cell]] = {host: {} for host in hosts}
        for key, cell in self.cells.items():
            sources[key[0]][key] = cell
        return sources
