"""Letting probes and people in: tokens given, exchanged and taken back. Each is an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from collector.credentials import (
    Credential,
    Enrolment,
    Joined,
    Keyring,
    Right,
    enrolment_of,
    id_of,
)
from collector.memory import Changes, Event, EventKind
from collector.state import State
from flows.errors import UsageError
from flows.hosts import Role
from flows.reading import Unfit, did_you_mean
from flows.scalars import addressed

_KEPT = timedelta(days=1)
"""How long an enrolment token that is over says so, instead of being unknown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a probe says when it exchanges an enrolment token."""

    token: str
    host: str
    """A name that the inventory's rules allow."""
    sha256: str
    """Of the token that it made for itself, and never sends here."""
    address: str | None
    """Its own, for a host that joins."""


class Admission:
    """Who is let in, as an estate knows it, and what changes it."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def credentials(self) -> Keyring:
        """All that are not revoked."""
        return self._state.credentials

    @property
    def enrolments(self) -> Mapping[str, Enrolment]:
        """All enrolment tokens, by id."""
        return self._state.enrolments

    @property
    def joined(self) -> Mapping[str, Joined]:
        """Agents that joined at run time, by host."""
        return self._state.joined

    def decide_credential(self, credential: Credential) -> Changes:
        """Give a credential beside those that its holder has, so that one may follow another.

        Raises UsageError for a probe of a host that has none, and for a name with another right.
        """
        if credential.right is Right.PROBE:
            self._check_probe(credential.name)
        for one in self._state.credentials.named(credential.name):
            if one.right is not credential.right:
                text = f"'{credential.name}' is a {one.right} already: choose another name"
                raise UsageError(text)
        return Changes(
            credentials={credential.id: credential},
            events=(_event(credential, credential.created, "given", credential.by),),
        )

    def decide_sign_in(self, session: Credential) -> Changes:
        """Let the holder of a credential in at the page; sessions that ended go."""
        ended = (
            one
            for one in self._state.credentials.named(session.name)
            if one.parent is not None and not one.holds(session.created)
        )
        return Changes(
            credentials={session.id: session, **{one.id: None for one in ended}},
            events=(_event(session, session.created, "signed in at the page", session.by),),
        )

    def decide_sign_out(self, session: Credential, now: datetime, by: str | None) -> Changes:
        """Let a session end."""
        return Changes(
            credentials={session.id: None},
            events=(_event(session, now, "signed out", by),),
        )

    def decide_revocation(self, name: str, now: datetime, by: str | None) -> Changes:
        """Take credentials back, by id or by name; raises UsageError where there is none."""
        found = self._state.credentials.named(name)
        if not found:
            known = {one.name for one in self._state.credentials.all.values()}
            raise UsageError(f"no credential is named '{name}'{did_you_mean(name, known)}")
        return Changes(
            credentials={one.id: None for one in found},
            events=tuple(_event(one, now, "revoked", by) for one in found),
        )

    def decide_enrolment(self, enrolment: Enrolment) -> Changes:
        """Give an enrolment token; raises UsageError for a host or a group that is not there."""
        groups = self._state.inventory.groups
        if enrolment.host is not None:
            self._check_probe(enrolment.host)
        elif enrolment.group not in groups:
            hint = did_you_mean(str(enrolment.group), groups)
            raise UsageError(f"there is no handler group '{enrolment.group}'{hint}")
        subject = enrolment.host or f"group {enrolment.group}"
        hosts = "one host" if enrolment.left == 1 else f"{enrolment.left} hosts"
        event = Event(
            at=enrolment.created,
            kind=EventKind.CREDENTIAL,
            subject=subject,
            after="enrolment",
            reason=f"a token for {hosts} was given",
            by=enrolment.by,
        )
        forgotten = enrolment.created - _KEPT
        over = (one for one in self._state.enrolments.values() if one.until < forgotten)
        return Changes(
            enrolments={enrolment.id: enrolment, **{one.id: None for one in over}}, events=(event,)
        )

    def decide_exchange(self, asked: Asked, now: datetime) -> Changes:
        """Exchange an enrolment token; the same again, by the same probe, changes nothing.

        Raises UsageError for a token that does not let this host in.
        """
        enrolment = enrolment_of(asked.token, self._state.enrolments, now)
        known = self._state.credentials.all.get(id_of(asked.sha256))
        if known is not None:
            if (known.enrolment, known.name, known.sha256) == (
                enrolment.id,
                asked.host,
                asked.sha256,
            ):
                return Changes()
            raise UsageError("the credential is somebody's already: let the probe make another")
        if enrolment.left < 1:
            raise UsageError("the enrolment token was used up: ask an operator for a new one")
        joined = self._joins(enrolment, asked, now)
        credential = Credential(
            name=asked.host,
            right=Right.PROBE,
            sha256=asked.sha256,
            created=now,
            by=enrolment.by,
            enrolment=enrolment.id,
        )
        after = msgspec.structs.replace(enrolment, left=enrolment.left - 1)
        return Changes(
            enrolments={enrolment.id: after},
            credentials={credential.id: credential},
            joined={} if joined is None else {asked.host: joined},
            events=(_event(credential, now, "enrolled", enrolment.by),),
        )

    def decide_removal(self, host: str, now: datetime, by: str | None) -> Changes:
        """Let a host that joined go, with its credentials; raises UsageError for any other."""
        if host not in self._state.joined:
            text = f"'{host}' did not join at run time{did_you_mean(host, self._state.joined)}"
            raise UsageError(
                f"{text}; a host of the inventory leaves with 'gatewatch inventory apply'"
            )
        revoked = self._probe_credentials(host)
        event = Event(at=now, kind=EventKind.CREDENTIAL, subject=host, reason="removed", by=by)
        return Changes(
            joined={host: None},
            credentials={one.id: None for one in revoked},
            events=(event,),
        )

    def _joins(self, enrolment: Enrolment, asked: Asked, now: datetime) -> Joined | None:
        """Decide whether a host has to join first, and whether it may."""
        if enrolment.host is not None:
            if asked.host != enrolment.host:
                raise UsageError(
                    f"the enrolment token is for {enrolment.host}, not for {asked.host}"
                )
            return None
        host = self._state.inventory.hosts.get(asked.host)
        if self._probe_credentials(asked.host):
            text = f"{asked.host} has a credential already: give the probe another host name"
            raise UsageError(f"{text}, or revoke it")
        if host is not None and asked.host not in self._state.joined:
            groups = self._state.inventory.groups_by_agent.get(asked.host, ())
            if host.roles != {Role.AGENT} or enrolment.group not in {one.name for one in groups}:
                text = f"{asked.host} is another host of the inventory: it needs a token of its own"
                raise UsageError(text)
            return None
        return Joined(
            address=_address(asked),
            group=str(enrolment.group),
            site=enrolment.site,
            at=now,
            enrolment=enrolment.id,
        )

    def _probe_credentials(self, host: str) -> list[Credential]:
        named = self._state.credentials.named(host)
        return [one for one in named if one.right is Right.PROBE]

    def _check_probe(self, name: str) -> None:
        host = self._state.inventory.hosts.get(name)
        if host is None:
            hint = did_you_mean(name, self._state.inventory.hosts)
            raise UsageError(f"no host is named '{name}' in the inventory{hint}")
        if not host.has_probe:
            raise UsageError(f"{name} has no role that measures anything, so it has no probe")


def _address(asked: Asked) -> str:
    """Check what a host that joins says of itself."""
    if asked.host in {role.value for role in Role}:
        raise UsageError(f"'{asked.host}' is a role, and no name for a host")
    if asked.address is None:
        raise UsageError("a host that joins says its address")
    try:
        return addressed(asked.address)
    except Unfit as unfit:
        raise UsageError(f"its address {unfit}") from unfit


def _event(credential: Credential, now: datetime, word: str, by: str | None) -> Event:
    return Event(
        at=now,
        kind=EventKind.CREDENTIAL,
        subject=credential.name,
        after=credential.right,
        reason=f"{word}: {credential.id}",
        by=by,
    )
