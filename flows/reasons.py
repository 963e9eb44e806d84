"""Why: an outcome and its verdict in the operator's words, one sentence each."""

from typing import assert_never

from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Service, Stage
from flows.phases import Expectation
from flows.verdicts import Absence, Context, Judgement, Proof, Sighting, Verdict, is_planned

ICMP4 = {
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 5): "source route failed",
    (3, 6): "network unknown",
    (3, 7): "host unknown",
    (3, 8): "source host isolated",
    (3, 9): "network administratively prohibited",
    (3, 10): "host administratively prohibited",
    (3, 11): "network unreachable for this type of service",
    (3, 12): "host unreachable for this type of service",
    (3, 13): "administratively prohibited",
    (3, 14): "host precedence violation",
    (3, 15): "precedence cutoff",
    (11, 0): "the packet went in a loop",
    (11, 1): "fragments were lost on the way",
}
"""RFC 792 and RFC 1812, section 5.2.7.1."""
ICMP6 = {
    (1, 0): "no route to the destination",
    (1, 1): "administratively prohibited",
    (1, 2): "beyond the scope of the source address",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, 5): "source address failed the policy",
    (1, 6): "route to the destination rejected",
    (3, 0): "the packet went in a loop",
    (3, 1): "fragments were lost on the way",
}
"""RFC 4443, sections 3.1 and 3.3."""

SPOKEN = {
    AnsweredBy.HTTPS: "an HTTPS server",
    AnsweredBy.HTTP: "an HTTP server without TLS",
    AnsweredBy.GRPC: "a gRPC server",
    AnsweredBy.TDS: "a SQL Server",
    AnsweredBy.SSRP: "a SQL Server Browser",
    AnsweredBy.MSRPC: "an MSRPC server",
    AnsweredBy.TLS: "a TLS server",
    AnsweredBy.OTHER: "something else",
    AnsweredBy.NONE: "a listener that said nothing",
}
WANTED = {
    Service.TCP: "a TCP listener",
    Service.UDP: "a UDP listener",
    Service.TLS: "a TLS server",
    Service.HTTPS: "an HTTPS server",
    Service.HTTP: "an HTTP server",
    Service.GRPC: "a gRPC server",
    Service.TDS: "a SQL Server",
    Service.SSRP: "a SQL Server Browser",
    Service.MSRPC: "an MSRPC server",
    Service.SYSLOG: "a syslog server",
}
ABSENT = {
    Absence.STALE: "no recent measurement",
    Absence.AWAY: "the probe is cut off: nothing but the collector answers it",
}


def icmp_words(observation: Observation) -> str:
    """Name the ICMP error of an observation."""
    table = ICMP6 if ":" in (observation.sender or observation.address or "") else ICMP4
    if observation.icmp is None:
        return observation.detail or "unreachable"
    kind, code = observation.icmp
    return table.get(observation.icmp, f"ICMP type {kind}, code {code}")


def reason(
    observation: Observation | None,
    identity: Identity | None,
    service: Service,
    expectation: Expectation,
    judgement: Judgement,
    context: Context,
) -> str:
    """Say in one sentence what was seen and, where it is not plain, what that means."""
    if observation is None:
        return "never measured"
    said = _seen(observation, identity, service, expectation)
    if judgement.absence in ABSENT:
        return f"{ABSENT[judgement.absence]}; last seen: {said}"
    meaning = _meaning(observation, expectation, judgement, context)
    return f"{said}; {meaning}" if meaning else said


def _seen(  # noqa: C901, PLR0911, PLR0912 - one branch an outcome
    observation: Observation,
    identity: Identity | None,
    service: Service,
    expectation: Expectation,
) -> str:
    where = observation.address or "it"
    detail = f": {observation.detail}" if observation.detail else ""
    match observation.outcome:
        case Outcome.OPEN | Outcome.ANSWERED:
            return _answered(observation, identity, service, expectation)
        case Outcome.REJECTED:
            return f"{_rejecter(observation)}: {icmp_words(observation)}"
        case Outcome.REFUSED:
            return f"{where} refused the connection"
        case Outcome.FILTERED:
            return f"no answer from {where}: dropped on the way, or there"
        case Outcome.RESET:
            return f"{where} accepted the connection and cut it off before {_step(observation)}"
        case Outcome.HUNG:
            return f"{where} accepted the connection and fell silent before {_step(observation)}"
        case Outcome.SILENT if service is Service.SSRP:
            return f"no reply from {where}, where a SQL Server Browser answers every request"
        case Outcome.SILENT:
            return f"no reply from {where}, which proves nothing over UDP"
        case Outcome.UNRESOLVED:
            return f"the name does not resolve{detail}"
        case Outcome.UNREACHABLE:
            return f"this host cannot reach {where}{detail}"
        case Outcome.DENIED:
            return f"this host itself forbids it{detail}"
        case Outcome.FAULT:
            return f"the probe could not measure{detail}"
        case _:
            assert_never(observation.outcome)


def _rejecter(observation: Observation) -> str:
    match observation.sender:
        case None:
            return "it was rejected"
        case sender if sender == observation.address:
            return f"{sender}, the destination itself, rejected it"
        case sender:
            return f"{sender}, a router on the way, rejected it"


def _step(observation: Observation) -> str:
    if observation.stage is Stage.TLS:
        return "the TLS handshake was done"
    return "the service spoke"


def _answered(
    observation: Observation,
    identity: Identity | None,
    service: Service,
    expectation: Expectation,
) -> str:
    who = SPOKEN[observation.answered_by or AnsweredBy.NONE]
    extra = f" ({observation.detail})" if observation.detail else ""
    match identity:
        case Identity.MISMATCH if who == WANTED[service]:
            return f"{who} answered, but not the one that the inventory claims{extra}"
        case Identity.MISMATCH:
            wrong = "the wrong service: " if expectation is Expectation.SERVE else ""
            return f"{wrong}{who} answered instead of {WANTED[service]}{extra}"
        case Identity.VERIFIED:
            return f"{who} answered, as the inventory claims"
        case Identity.UNDECIDED:
            return f"connected, but it did not show that it is {WANTED[service]}{extra}"
        case _ if observation.answered_by in {None, AnsweredBy.NONE}:
            return "connected"
        case _:
            return f"{who} answered"


def _meaning(
    observation: Observation, expectation: Expectation, judgement: Judgement, context: Context
) -> str:
    """Add what the outcome alone does not say."""
    if context.sighting is Sighting.SEEN and judgement.verdict is Verdict.OK:
        return "a witness saw it arrive"
    if context.sighting is Sighting.MISSED and judgement.verdict is Verdict.BROKEN:
        return "a witness there was listening and saw nothing"
    if judgement.proof is Proof.HOST_OR_FIREWALL:
        return "nobody listens yet, and the network let it through, or a firewall answered for it"
    if expectation is Expectation.CLOSED:
        return _closed(observation, judgement, context)
    if expectation in {Expectation.PERMIT, Expectation.ADVISED}:
        return _permit(observation, judgement, context)
    return ""


def _permit(observation: Observation, judgement: Judgement, context: Context) -> str:
    match observation.outcome:
        case Outcome.FILTERED if judgement.verdict is Verdict.UNPROVEN:
            return "without a listener there, a drop and a silent host look the same"
        case Outcome.OPEN if judgement.verdict is Verdict.UNPROVEN:
            return "the port is taken, or something on the way answers in its name"
        case Outcome.OPEN if is_planned(observation, context):
            return "the plan has that there today, and the network let it through"
        case Outcome.RESET | Outcome.HUNG:
            return "something on the way may have accepted it"
        case _:
            return ""


_NO_CONTROL = frozenset({Outcome.SILENT, Outcome.UNRESOLVED, Outcome.FAULT})
"""Outcomes that would stay unproven if another port answered."""


def _closed(observation: Observation, judgement: Judgement, context: Context) -> str:
    match judgement.verdict:
        case Verdict.BROKEN:
            return "it must be closed"
        case Verdict.UNPROVEN if not context.control and observation.outcome not in _NO_CONTROL:
            return "closed or dead? no other port of the destination answered either"
        case Verdict.OK if context.control:
            return "the destination lives: another port of it answered"
        case _:
            return ""
