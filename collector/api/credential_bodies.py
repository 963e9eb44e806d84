"""What the API says and takes of credentials and enrolments; never a token that is in use."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from collector.credentials import Credential, Enrolment, Right

_WORDS = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
_TOKEN = Annotated[str, Meta(min_length=1, max_length=255)]


class CredentialBody(msgspec.Struct, frozen=True, kw_only=True):
    """A credential, but for its token."""

    id: str
    name: str
    role: Right
    created: datetime
    by: str | None
    until: datetime | None
    session: bool
    """It is somebody's who signed in at the page."""


class CredentialOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a credential: to a person, to a scraper, or to the probe of a host."""

    name: _WORDS
    role: Right
    until: str | None = None
    """A time, or the last day in UTC; None: until it is revoked."""


class GivenBody(CredentialBody, frozen=True, kw_only=True):
    """A new credential with its token, which is shown this once."""

    token: str


class EnrolmentBody(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment token, but for the token itself."""

    id: str
    host: str | None
    group: str | None
    site: str | None
    left: int
    created: datetime
    until: datetime
    by: str | None


class EnrolmentOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give an enrolment token: for a host of the inventory, or for agents of a group that join."""

    host: str | None = None
    group: str | None = None
    site: _WORDS | None = None
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    until: str | None = None
    """A time, or the last day in UTC; None: a day from now."""


class AllowBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the probe has to be allowed to dial: the `allow` block of probe.yaml."""

    networks: list[str]
    names: list[str]
    ports: list[int]


class InvitedBody(EnrolmentBody, frozen=True, kw_only=True):
    """A new enrolment token, which is shown this once."""

    token: str
    allow: AllowBody
    """For the host, or for any agent of the group."""


class SignInOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign in at the page."""

    token: _TOKEN


class SessionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    required: bool
    """Whether calls need a credential at all."""
    name: str | None
    role: Right | None


class RemovedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A host that joined and is gone."""

    host: str


def credential_body(credential: Credential) -> CredentialBody:
    """Write a credential."""
    return CredentialBody(**_parts(credential))


def given_body(credential: Credential, token: str) -> GivenBody:
    """Write a new credential with its token."""
    return GivenBody(**_parts(credential), token=token)


def _parts(credential: Credential) -> dict[str, Any]:
    return {
        "id": credential.id,
        "name": credential.name,
        "role": credential.right,
        "created": credential.created,
        "by": credential.by,
        "until": credential.until,
        "session": credential.parent is not None,
    }


def enrolment_body(enrolment: Enrolment) -> EnrolmentBody:
    """Write an enrolment token."""
    return EnrolmentBody(**_of(enrolment))


def invited_body(enrolment: Enrolment, token: str, allow: AllowBody) -> InvitedBody:
    """Write a new enrolment token."""
    return InvitedBody(**_of(enrolment), token=token, allow=allow)


def _of(enrolment: Enrolment) -> dict[str, Any]:
    return {name: getattr(enrolment, name) for name in EnrolmentBody.__struct_fields__}
