"""What probe and collector say to each other, as in FORMATS.md; JSON by msgspec.

Decoding refuses wrong types; unknown keys are ignored, so that neighbours may differ by a release.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from flows.names import NAME
from flows.outcomes import Count, Observation, Seconds, Service

Moment = Annotated[datetime, Meta(tz=True)]
"""A time with its zone."""


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to measure; never what to think of it. Times in seconds."""

    id: int
    address: str
    """What to dial: an IP literal or a DNS name to resolve on the probe's own host."""
    name: str | None
    """The DNS name to show the service (SNI, Host); None for a literal."""
    proto: str
    port: int
    services: tuple[Service, ...]
    interval: float
    deadline: float
    offset: float
    """Where in the interval it is due; spreads the load, stable while the check is."""
    instance: str | None = None
    """SQL Server instance to ask the Browser for."""
    syslog_send: bool = False
    """Write one line, marked as a probe's, where a syslog server is expected."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """An on-demand run: measure these now."""

    id: str
    checks: tuple[int, ...]
    expires: datetime


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """All that one probe has to do; `revision` is its ETag."""

    revision: str
    host: str
    checks: tuple[Check, ...]
    runs: tuple[Run, ...] = ()
    watch: tuple[Any, ...] = ()


class ProbeState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the probe itself fares."""

    version: str
    loop_lag: Seconds = 0.0
    """By which the event loop was late at worst since the last report."""
    spooled: Count = 0
    late: Count = 0
    """Checks since the probe's start that began late."""
    dropped: Count = 0
    """Results that nobody will ever see: the spool was full, they were too old, or damaged."""
    durable: bool = True
    """False while the disk takes nothing: results wait in memory, and a restart loses them."""


class Result(Observation, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An observation as it is reported: of which check, when, and for which run."""

    check: int
    at: Moment
    run: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the probe knows of its own host."""

    listening: tuple[str, ...] = ()
    os: str | None = None
    versions: dict[str, str] = {}
    firewall: dict[str, Any] | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A batch of results; the same (host, stream, seq) is taken once."""

    host: str
    stream: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$(?!\\n)")]
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    sent: Moment
    probe: ProbeState
    results: tuple[Result, ...] = ()
    facts: Facts = Facts()
    sightings: tuple[Any, ...] = ()


class Accepted(msgspec.Struct, frozen=True):
    """The collector holds this report durably."""

    seq: int


class Enrol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exchange an enrolment token for a credential that the probe made itself."""

    token: Annotated[str, Meta(min_length=1, max_length=255)]
    host: Annotated[str, Meta(pattern=f"^{NAME.pattern}$(?!\\n)")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$(?!\\n)")]
    """Of the whole token of the credential, which stays with the probe."""
    address: Annotated[str, Meta(min_length=1, max_length=253)] | None = None
    """Its own, for a host that joins."""


class Enrolled(msgspec.Struct, frozen=True):
    """The credential is good from now on."""

    host: str
    joined: bool
    """It is in no inventory: the plan has its paths within a short time."""


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


def rfc3339(moment: datetime) -> str:
    """Write a time as bodies carry it: UTC with milliseconds."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def to_json(body: object) -> bytes:
    """Encode any body."""
    return msgspec.json.encode(body)
