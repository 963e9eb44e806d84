"""What the network did: the closed vocabulary of a measurement, and nothing of what to think of it.

Times are seconds. An observation is data and crosses the wire as it stands here (FORMATS, `check`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
"""How long something took. Nothing takes longer than a day; what did would spoil sums for good."""
Count = Annotated[int, Meta(ge=0, le=2**53)]
"""How often something happened. Beyond the bound floating point skips whole numbers."""


class Outcome(StrEnum):
    """What the network did (DESIGN 4)."""

    OPEN = "open"
    REFUSED = "refused"
    REJECTED = "rejected"
    FILTERED = "filtered"
    RESET = "reset"
    HUNG = "hung"
    ANSWERED = "answered"
    SILENT = "silent"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    FAULT = "fault"


class Stage(StrEnum):
    """The step of a check, in the order of its members."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PROTOCOL = "protocol"


class Service(StrEnum):
    """What should speak behind a port."""

    TCP = "tcp"
    UDP = "udp"
    TLS = "tls"
    HTTPS = "https"
    HTTP = "http"
    GRPC = "grpc"
    TDS = "tds"
    SSRP = "ssrp"
    MSRPC = "msrpc"
    SYSLOG = "syslog"


class AnsweredBy(StrEnum):
    """What did speak."""

    HTTPS = "https"
    HTTP = "http"
    GRPC = "grpc"
    TDS = "tds"
    SSRP = "ssrp"
    MSRPC = "msrpc"
    TLS = "tls"
    OTHER = "other"
    NONE = "none"


class Identity(StrEnum):
    """Whether the right service answered (DESIGN 4)."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNDECIDED = "undecided"
    MISMATCH = "mismatch"


class Chain(StrEnum):
    """What this host thinks of a certificate chain."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    WRONG_NAME = "wrong-name"
    UNCHECKED = "unchecked"


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The leaf certificate that a server showed, as it came; the collector reads it."""

    sha256: str
    """Lower-case hexadecimal."""
    der: bytes = b""
    """X.509 in DER; base64 on the wire. The collector keeps what it reads there, and not this."""
    chain: Chain = Chain.UNCHECKED
    """Data, never a reason for an outcome: an untrusted service still answers."""
    chain_detail: str = ""
    subject: str | None = None
    """As RFC 4514 writes it; read by whoever can parse X.509, which the probe cannot."""
    issuer: str | None = None
    names: tuple[str, ...] = ()
    """Subject alternative names."""
    not_after: datetime | None = None


class StageTimes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The seconds that each stage took; None for one that was not entered.

    Hundreds of thousands are kept, and a dict each would take four times as much.
    """

    resolve: Seconds | None = None
    connect: Seconds | None = None
    tls: Seconds | None = None
    protocol: Seconds | None = None

    @property
    def by_stage(self) -> dict[Stage, float]:
        """Give them by stage, in the order of the stages."""
        every = zip(Stage, (self.resolve, self.connect, self.tls, self.protocol), strict=True)
        return {stage: seconds for stage, seconds in every if seconds is not None}


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One measurement of one address, or of a name over all its addresses."""

    outcome: Outcome
    stage: Stage | None = None
    """The step that failed, or the last one that was needed."""
    detail: str = ""
    """In words, what was seen; never needed to understand the outcome."""
    answered_by: AnsweredBy | None = None
    """None where nothing was said or asked."""
    address: str | None = None
    """The literal address that was tried; None if there was none to try."""
    sender: str | None = msgspec.field(default=None, name="from")
    """Who sent the ICMP error."""
    icmp: tuple[int, int] | None = None
    """ICMP type and code."""
    routed: bool = True
    """False where this host has no route for the address's family."""
    addresses: tuple["Observation", ...] = ()
    """One a measured address where a name has several; the row above them is the worst."""
    seconds: Seconds = 0.0
    stages: StageTimes = StageTimes()
    rtt_seconds: Seconds | None = None
    """The kernel's own smoothed round trip (TCP_INFO), never the event loop's."""
    syn_retransmits: Count = 0
    late_seconds: Seconds = 0.0
    """How long after its due time the check began."""
    alpn: str | None = None
    tls_version: str | None = None
    server: str | None = None
    """The HTTP `Server` header, or what else the service calls itself."""
    status: int | None = None
    """HTTP status or grpc-status."""
    product: str | None = None
    """Version that the service states (TDS PRELOGIN)."""
    client_certificate: bool = False
    """It asked for a client certificate and ended there."""
    ports: dict[str, int] | None = None
    """SQL Browser: TCP port by instance; None for whatever is no Browser."""
    certificate: Certificate | None = None


SPOKE = frozenset({Outcome.OPEN, Outcome.RESET, Outcome.HUNG, Outcome.ANSWERED, Outcome.REFUSED})
"""Outcomes that only a live destination gives: what a control may rest on."""

_WORST_FIRST = (
    Outcome.FAULT,
    Outcome.UNRESOLVED,
    Outcome.DENIED,
    Outcome.UNREACHABLE,
    Outcome.FILTERED,
    Outcome.REJECTED,
    Outcome.REFUSED,
    Outcome.HUNG,
    Outcome.RESET,
    Outcome.SILENT,
    Outcome.ANSWERED,
    Outcome.OPEN,
)
_BADNESS = {outcome: rank for rank, outcome in enumerate(_WORST_FIRST)}


def rolled_up(observations: tuple[Observation, ...]) -> Observation:
    """Join the observations of a name's addresses; the worst one that has a route speaks for them.

    Raises ValueError when there is none.
    """
    if len(observations) == 1:
        return observations[0]
    routed = tuple(seen for seen in observations if seen.routed) or observations
    worst = min(routed, key=lambda seen: _BADNESS[seen.outcome])
    return msgspec.structs.replace(worst, addresses=observations)


def each_address(observation: Observation) -> tuple[Observation, ...]:
    """List what has to be judged: each address with a route, or the only one there is."""
    if not observation.addresses:
        return (observation,)
    addresses = tuple(_in_full(seen, observation) for seen in observation.addresses)
    return tuple(seen for seen in addresses if seen.routed) or addresses


def _in_full(seen: Observation, row: Observation) -> Observation:
    """Fill in an address that is named by its outcome alone (FORMATS, `check`) from its row."""
    bare = Observation(outcome=row.outcome, address=seen.address, routed=seen.routed)
    if seen != bare:
        return seen
    return msgspec.structs.replace(row, address=seen.address, routed=seen.routed, addresses=())
