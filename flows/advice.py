"""Advice: what is worth doing although the verdict does not ask for it, one sentence each."""

from collections.abc import Iterator

from flows.outcomes import Chain, Identity, Observation, Outcome
from flows.phases import Expectation
from flows.verdicts import Context

UNTIDY = {
    Chain.EXPIRED: "has expired",
    Chain.UNTRUSTED: "is not trusted here",
    Chain.WRONG_NAME: "is for another name",
}
"""What may be wrong with a certificate, and does not keep a service from being open."""


def advice(
    observation: Observation | None,
    identity: Identity | None,
    expectation: Expectation,
    context: Context,
) -> tuple[str, ...]:
    """List the advice on a path as it was seen in a phase; none before it was seen."""
    if observation is None:
        return ()
    return (
        *_on_rules(observation, expectation, context),
        *_on_certificate(observation, identity),
        *_on_instances(observation, context),
    )


def _on_rules(
    observation: Observation, expectation: Expectation, context: Context
) -> Iterator[str]:
    reached = observation.outcome in {Outcome.OPEN, Outcome.ANSWERED}
    if expectation is Expectation.CLOSED and observation.outcome is Outcome.REFUSED:
        yield "the rule still lets it through; only the missing listener refuses"
    if expectation is Expectation.RETIRED and reached and not context.needed:
        yield "still open, and no longer needed: the rule may be removed now"


def _on_certificate(observation: Observation, identity: Identity | None) -> Iterator[str]:
    certificate = observation.certificate
    chain = certificate.chain if certificate else Chain.UNCHECKED
    private = chain is Chain.UNTRUSTED and identity is Identity.VERIFIED  # as claimed: no matter
    if certificate is not None and chain in UNTIDY and not private:
        detail = f": {certificate.chain_detail}" if certificate.chain_detail else ""
        yield f"the certificate {UNTIDY[chain]}{detail}"


def _on_instances(observation: Observation, context: Context) -> Iterator[str]:
    """Compare what the SQL Server Browser says with the inventory; it knows no case."""
    told_ports = observation.ports or {}
    ports = {name.upper(): port for name, port in told_ports.items()}
    for name, stated in context.instances if observation.answered_by is not None else ():
        told = ports.get(name.upper())
        if told is None and ports:
            yield f"the SQL Server Browser knows no instance {name}"
        elif told is not None and told != stated:
            yield (
                f"the SQL Server Browser says that instance {name} listens on port {told},"
                f" the inventory says {stated}"
            )
