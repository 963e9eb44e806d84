"""Identity: whether the right service answered, for each flow that shares a check (DESIGN 4)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from flows.hosts import Claim
from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Service

_SPEAKS: dict[Service, frozenset[AnsweredBy]] = {
    Service.TLS: frozenset({AnsweredBy.TLS, AnsweredBy.HTTPS, AnsweredBy.GRPC}),
    Service.HTTPS: frozenset({AnsweredBy.HTTPS}),
    Service.HTTP: frozenset({AnsweredBy.HTTP}),
    Service.GRPC: frozenset({AnsweredBy.GRPC}),
    Service.TDS: frozenset({AnsweredBy.TDS}),
    Service.SSRP: frozenset({AnsweredBy.SSRP}),
    Service.MSRPC: frozenset({AnsweredBy.MSRPC}),
    Service.SYSLOG: frozenset({AnsweredBy.NONE, AnsweredBy.TLS}),
}
"""What a service answers as; the plain ones (tcp, udp) may say anything, syslog never speaks."""
_BEHIND_TLS = frozenset({Service.HTTPS, Service.GRPC})


def identify(observation: Observation, service: Service, claim: Claim | None) -> Identity | None:
    """Decide whether what answered is the service that was expected; None if nothing answered."""
    if observation.outcome not in {Outcome.OPEN, Outcome.ANSWERED}:
        return None
    if _another_kind(observation, service):
        return Identity.MISMATCH
    right = _right_kind(observation, service)
    if claim is None:
        return Identity.UNVERIFIED if right else Identity.UNDECIDED
    compared = list(_compared(observation, claim, spoke=right))
    if False in compared:
        return Identity.MISMATCH
    return Identity.VERIFIED if True in compared else Identity.UNDECIDED


def _right_kind(observation: Observation, service: Service) -> bool:
    answered_by = observation.answered_by or AnsweredBy.NONE
    return service not in _SPEAKS or answered_by in _SPEAKS[service]


def _another_kind(observation: Observation, service: Service) -> bool:
    """Tell whether it showed to be something else; what showed nothing is undecided."""
    if observation.answered_by in {None, AnsweredBy.NONE} or _right_kind(observation, service):
        return False
    return not (observation.answered_by is AnsweredBy.TLS and service in _BEHIND_TLS)


def _compared(observation: Observation, claim: Claim, *, spoke: bool) -> Iterator[bool | None]:
    """Compare what it showed with each stated claim; None where it did not come to show it."""
    certificate = observation.certificate
    issuer = certificate.issuer if certificate else None
    if claim.sha256 is not None:
        yield certificate.sha256 == claim.sha256 if certificate else None
    if claim.issuer is not None:
        yield fnmatchcase(issuer, claim.issuer) if issuer is not None else None
    if claim.server is not None:
        yield fnmatchcase(observation.server or "", claim.server) if spoke else None
