"""Identity: whether the right service answered, for each flow that shares a check (DESIGN 4)."""

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
}
"""What a service answers as; the plain ones (tcp, udp, syslog) say nothing that tells them."""
_BEHIND_TLS = frozenset({Service.HTTPS, Service.GRPC})


def identify(observation: Observation, service: Service, claim: Claim | None) -> Identity | None:
    """Decide whether what answered is the service that was expected; None if nothing answered."""
    if observation.outcome not in {Outcome.OPEN, Outcome.ANSWERED}:
        return None
    if _another_kind(observation, service):
        return Identity.MISMATCH
    claimed = _claimed(observation, claim) if claim else None
    if claimed is not None:
        return claimed
    return Identity.UNVERIFIED if _right_kind(observation, service) else Identity.UNDECIDED


def _right_kind(observation: Observation, service: Service) -> bool:
    return service not in _SPEAKS or observation.answered_by in _SPEAKS[service]


def _another_kind(observation: Observation, service: Service) -> bool:
    """Tell whether it showed to be something else; what showed nothing is undecided."""
    if observation.answered_by in {None, AnsweredBy.NONE} or _right_kind(observation, service):
        return False
    return not (observation.answered_by is AnsweredBy.TLS and service in _BEHIND_TLS)


def _claimed(observation: Observation, claim: Claim) -> Identity | None:
    """Compare what it showed with the inventory's claims; None where none could be compared."""
    certificate = observation.certificate
    compared: list[bool] = []
    if claim.sha256 is not None and certificate is not None:
        compared.append(certificate.sha256 == claim.sha256)
    if claim.issuer is not None and certificate is not None and certificate.issuer is not None:
        compared.append(fnmatchcase(certificate.issuer, claim.issuer))
    if claim.server is not None and observation.server is not None:
        compared.append(fnmatchcase(observation.server, claim.server))
    if not compared:
        return None
    return Identity.VERIFIED if all(compared) else Identity.MISMATCH
