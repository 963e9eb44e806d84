"""Advice beside a verdict (DESIGN 2 and 4)."""

import pytest

from flows.advice import advice
from flows.outcomes import AnsweredBy, Certificate, Chain, Identity, Observation, Outcome
from flows.phases import Expectation
from flows.verdicts import Context

SERVE, CLOSED, RETIRED = Expectation.SERVE, Expectation.CLOSED, Expectation.RETIRED


def seen(outcome: str) -> Observation:
    return Observation(outcome=Outcome(outcome))


def advised(
    observation: Observation | None,
    expectation: Expectation = SERVE,
    context: Context = Context(),  # noqa: B008 - frozen
    identity: Identity | None = None,
) -> tuple[str, ...]:
    return advice(observation, identity, expectation, context)


def test_what_was_never_measured_earns_no_advice() -> None:
    assert advised(None) == ()


def test_a_refusal_where_a_port_must_be_closed_leaves_a_rule_to_remove() -> None:
    assert advised(seen("refused"), CLOSED) == (
        "the rule still lets it through; only the missing listener refuses",
    )
    assert advised(seen("filtered"), CLOSED) == ()


@pytest.mark.parametrize("outcome", ["open", "answered"])
def test_what_is_retired_and_still_open_may_be_removed_unless_another_flow_needs_it(
    outcome: str,
) -> None:
    assert advised(seen(outcome), RETIRED) == (
        "still open, and no longer needed: the rule may be removed now",
    )
    assert advised(seen(outcome), RETIRED, Context(needed=True)) == ()
    assert advised(seen(outcome), SERVE) == ()


def test_what_is_retired_and_gone_earns_no_advice() -> None:
    assert advised(seen("refused"), RETIRED) == ()


@pytest.mark.parametrize(
    ("chain", "detail", "words"),
    [
        (Chain.EXPIRED, "since 2026-12-31", ("the certificate has expired: since 2026-12-31",)),
        (Chain.UNTRUSTED, "", ("the certificate is not trusted here",)),
        (Chain.WRONG_NAME, "", ("the certificate is for another name",)),
        (Chain.TRUSTED, "", ()),
        (Chain.UNCHECKED, "", ()),
    ],
)
def test_an_expired_or_untrusted_certificate_is_open_with_advice(
    chain: Chain, detail: str, words: tuple[str, ...]
) -> None:
    certificate = Certificate(der=b"", sha256="ab", chain=chain, chain_detail=detail)
    shown = Observation(outcome=Outcome.OPEN, certificate=certificate)

    assert advised(shown) == words


def test_a_private_authority_that_the_inventory_claims_is_fine() -> None:
    certificate = Certificate(der=b"", sha256="ab", chain=Chain.UNTRUSTED)
    shown = Observation(outcome=Outcome.OPEN, certificate=certificate)

    assert advised(shown, identity=Identity.VERIFIED) == ()
    assert advised(shown, identity=Identity.UNVERIFIED) == ("the certificate is not trusted here",)


def browser(**ports: int) -> Observation:
    return Observation(outcome=Outcome.ANSWERED, answered_by=AnsweredBy.SSRP, ports=ports)


def test_another_port_than_the_browser_tells_is_worth_a_word() -> None:
    context = Context(instances=(("SES", 1433),))

    assert advised(browser(ses=50123), SERVE, context) == (
        "the SQL Server Browser says that instance SES listens on port 50123,"
        " the inventory says 1433",
    )
    assert advised(browser(SES=1433), SERVE, context) == ()


def test_an_instance_that_the_browser_does_not_know_is_worth_a_word() -> None:
    context = Context(instances=(("SES", 1433),))

    assert advised(browser(LOGS=1433), SERVE, context) == (
        "the SQL Server Browser knows no instance SES",
    )
    assert advised(seen("silent"), SERVE, context) == ()
