"""Who may call: credentials, and the enrolment tokens that are exchanged for them once.

A token is a secret of 256 random bits with a prefix that says what it is. The collector keeps its
SHA-256 and nothing else; so much chance needs no slow hash. See docs/decisions/0011-credentials.md.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import msgspec

from flows.errors import UsageError

TOKEN_PREFIX = "gwt_"  # noqa: S105 - what every token begins with is no secret
ENROLMENT_PREFIX = "gwe_"
_ID_LETTERS = 16


class Right(StrEnum):
    """What a credential lets its holder do (DESIGN 6)."""

    PROBE = "probe"
    """Report for its own host, and read what it has to measure."""
    VIEWER = "viewer"
    """Read everything."""
    OPERATOR = "operator"
    """Read and change everything."""
    SCRAPER = "scraper"
    """Read the metrics."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A token that gets its holder in."""

    name: str
    """Shown for whatever its holder does; the host's, for a probe."""
    right: Right
    sha256: str
    """Of the whole token, in hexadecimal."""
    created: datetime
    by: str | None = None
    until: datetime | None = None
    """None: until it is revoked."""
    enrolment: str | None = None
    """The enrolment token that was exchanged for it."""
    parent: str | None = None
    """The credential that signed in with the page: without it, this one is no good either."""

    @property
    def id(self) -> str:
        """Its name in lists and orders; tells nothing of the token."""
        return id_of(self.sha256)

    def holds(self, now: datetime) -> bool:
        """Decide whether it is still good."""
        return self.until is None or now < self.until


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is exchanged for credentials of probes: of one host, or of hosts that join."""

    sha256: str
    created: datetime
    until: datetime
    left: int
    """How many more hosts it lets in."""
    by: str | None = None
    host: str | None = None
    """The one host that it is for; None: for agents that no inventory names."""
    group: str | None = None
    site: str | None = None

    @property
    def id(self) -> str:
        """Its name in lists and orders."""
        return id_of(self.sha256)


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """An agent that joined at run time."""

    address: str
    group: str
    site: str | None
    at: datetime
    enrolment: str


def new_token(prefix: str, chance: Callable[[], str]) -> str:
    """Make a token; `chance` gives at least 256 random bits as URL-safe text."""
    return prefix + chance()


def digest_of(token: str) -> str:
    """Hash a token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def id_of(sha256: str) -> str:
    """Name a token by its hash."""
    return sha256[:_ID_LETTERS]


class Keyring:
    """All credentials that are not revoked, by id and by name."""

    def __init__(self, known: Mapping[str, Credential]) -> None:
        self._by_id: dict[str, Credential] = {}
        self._by_name: dict[str, set[str]] = {}
        self.apply(known)

    @property
    def all(self) -> Mapping[str, Credential]:
        """Look at all of them, by id."""
        return MappingProxyType(self._by_id)

    def named(self, name: str) -> list[Credential]:
        """List those of a name, or the one with this id."""
        ids = self._by_name.get(name) or ({name} & self._by_id.keys())
        return [self._by_id[one] for one in sorted(ids)]

    def holder(self, token: str, now: datetime) -> Credential | None:
        """Find whose token this is; None for one that is not, or no longer, good."""
        digest = digest_of(token)
        found = self._by_id.get(id_of(digest))
        if found is None or not hmac.compare_digest(found.sha256, digest) or not found.holds(now):
            return None
        if found.parent is not None and found.parent not in self._by_id:
            return None
        return found

    def apply(self, changes: Mapping[str, Credential | None]) -> None:
        """Take in what was given and what was revoked."""
        for name, credential in changes.items():
            before = self._by_id.pop(name, None)
            if before is not None:
                self._by_name[before.name].discard(name)
                if not self._by_name[before.name]:
                    del self._by_name[before.name]
            if credential is not None:
                self._by_id[name] = credential
                self._by_name.setdefault(credential.name, set()).add(name)


def enrolment_of(token: str, enrolments: Mapping[str, Enrolment], now: datetime) -> Enrolment:
    """Find the enrolment token that this is; raises UsageError for one that lets nobody in."""
    digest = digest_of(token)
    found = enrolments.get(id_of(digest))
    if found is None or not hmac.compare_digest(found.sha256, digest):
        raise UsageError("the enrolment token is not known: ask an operator for a new one")
    if now >= found.until:
        raise UsageError("the enrolment token is too old: ask an operator for a new one")
    return found
