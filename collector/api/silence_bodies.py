"""What the API takes and gives about waivers, attestations and maintenance."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from collector.memory import Reach, Silence

Glob = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Time = Annotated[str, Meta(min_length=1, max_length=64)]


class WaiverOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accept for a time that paths are not ok."""

    path: Glob
    """Pattern (fnmatch) over whole path ids."""
    reason: Words
    until: Time
    """A day, which is the last one in UTC, or a time of RFC 3339."""


class AttestationOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how it was proven that the network lets paths through; counts for unproven permits."""

    path: Glob
    """Pattern (fnmatch) over whole path ids."""
    evidence: Words
    until: Time
    """A day, which is the last one in UTC, or a time of RFC 3339."""


class MaintenanceOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keep all paths of hosts, or of a site, out of alerts; either is named."""

    hosts: Glob | None = None
    """Pattern (fnmatch) over names of hosts."""
    site: Glob | None = None
    """Pattern (fnmatch) over names of sites."""
    reason: Words
    begins: Time | None = msgspec.field(default=None, name="from")
    """A time of RFC 3339; null is at once."""
    until: Time
    """A day, which is the last one in UTC, or a time of RFC 3339."""


class GivenBy(StrEnum):
    """Where a waiver stands."""

    INVENTORY = "inventory"
    """Read-only: another inventory changes it."""
    OPERATOR = "operator"


class WaiverBody(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver."""

    id: str | None
    """None: it stands in the inventory."""
    source: GivenBy
    path: str
    reason: str
    until: datetime
    in_force: bool
    by: str | None


class AttestationBody(msgspec.Struct, frozen=True, kw_only=True):
    """An attestation."""

    id: str | None
    path: str
    evidence: str
    until: datetime
    in_force: bool
    by: str | None


class MaintenanceBody(msgspec.Struct, frozen=True, kw_only=True):
    """A maintenance window."""

    id: str | None
    hosts: str | None
    site: str | None
    reason: str
    begins: datetime | None = msgspec.field(name="from")
    until: datetime
    in_force: bool
    by: str | None


def waiver_body(name: str | None, silence: Silence, now: datetime) -> WaiverBody:
    """Write a waiver."""
    return WaiverBody(
        id=name,
        source=GivenBy.INVENTORY if name is None else GivenBy.OPERATOR,
        path=silence.glob,
        reason=silence.reason,
        until=silence.until,
        in_force=silence.holds(now),
        by=silence.by,
    )


def attestation_body(name: str | None, silence: Silence, now: datetime) -> AttestationBody:
    """Write an attestation."""
    return AttestationBody(
        id=name,
        path=silence.glob,
        evidence=silence.reason,
        until=silence.until,
        in_force=silence.holds(now),
        by=silence.by,
    )


def maintenance_body(name: str | None, silence: Silence, now: datetime) -> MaintenanceBody:
    """Write a maintenance window."""
    is_site = silence.reach is Reach.SITES
    return MaintenanceBody(
        id=name,
        hosts=None if is_site else silence.glob,
        site=silence.glob if is_site else None,
        reason=silence.reason,
        begins=silence.begins,
        until=silence.until,
        in_force=silence.holds(now),
        by=silence.by,
    )
