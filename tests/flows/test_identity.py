"""Identity (DESIGN 4): whether the right service answered, and the one that was claimed."""

from itertools import product

import pytest

from flows.hosts import Claim
from flows.identity import identify
from flows.outcomes import AnsweredBy, Certificate, Identity, Observation, Outcome, Service

VERIFIED, UNVERIFIED, UNDECIDED, MISMATCH = Identity
CERTIFICATE = Certificate(der=b"", sha256="ab" * 32, issuer="CN=Acme Issuing CA,O=Acme")


def answer(
    answered_by: AnsweredBy | None,
    certificate: Certificate | None = None,
    server: str | None = None,
    outcome: Outcome = Outcome.OPEN,
) -> Observation:
    return Observation(
        outcome=outcome, answered_by=answered_by, certificate=certificate, server=server
    )


@pytest.mark.parametrize(
    "outcome", [one for one in Outcome if one not in {Outcome.OPEN, Outcome.ANSWERED}]
)
def test_where_nothing_answered_nothing_is_identified(outcome: Outcome) -> None:
    assert identify(Observation(outcome=outcome), Service.HTTPS, Claim(server="*")) is None


KINDS = {
    Service.TLS: {AnsweredBy.TLS, AnsweredBy.HTTPS, AnsweredBy.GRPC},
    Service.HTTPS: {AnsweredBy.HTTPS},
    Service.HTTP: {AnsweredBy.HTTP},
    Service.GRPC: {AnsweredBy.GRPC},
    Service.TDS: {AnsweredBy.TDS},
    Service.SSRP: {AnsweredBy.SSRP},
    Service.MSRPC: {AnsweredBy.MSRPC},
    Service.SYSLOG: {AnsweredBy.NONE, AnsweredBy.TLS},
}
SPEAKING = [*product(KINDS, AnsweredBy)]


@pytest.mark.parametrize(("service", "answered_by"), SPEAKING)
def test_the_right_kind_is_unverified_another_kind_a_mismatch_and_the_rest_undecided(
    service: Service, answered_by: AnsweredBy
) -> None:
    if answered_by in KINDS[service]:
        expected = UNVERIFIED
    elif answered_by is AnsweredBy.NONE or (
        answered_by is AnsweredBy.TLS and service in {Service.HTTPS, Service.GRPC}
    ):
        expected = UNDECIDED
    else:
        expected = MISMATCH

    assert identify(answer(answered_by), service, None) is expected


@pytest.mark.parametrize("service", [Service.TCP, Service.UDP])
@pytest.mark.parametrize("answered_by", [None, *AnsweredBy])
def test_plain_services_are_unverified_whoever_answers(
    service: Service, answered_by: AnsweredBy | None
) -> None:
    assert identify(answer(answered_by), service, None) is UNVERIFIED


def test_a_syslog_server_that_says_nothing_is_the_right_one() -> None:
    assert identify(answer(None), Service.SYSLOG, None) is UNVERIFIED


def test_what_did_not_speak_is_undecided() -> None:
    assert identify(answer(None), Service.HTTPS, None) is UNDECIDED


def test_an_answer_over_udp_is_identified_as_well() -> None:
    replied = answer(AnsweredBy.SSRP, outcome=Outcome.ANSWERED)

    assert identify(replied, Service.SSRP, None) is UNVERIFIED


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (Claim(sha256="ab" * 32), VERIFIED),
        (Claim(sha256="cd" * 32), MISMATCH),
        (Claim(issuer="CN=Acme Issuing CA,*"), VERIFIED),
        (Claim(issuer="CN=Acme Issuing CA"), MISMATCH),
        (Claim(issuer="cn=acme*"), MISMATCH),
        (Claim(server="Microsoft-HTTPAPI/*"), VERIFIED),
        (Claim(server="Kestrel"), MISMATCH),
        (Claim(sha256="ab" * 32, server="Kestrel"), MISMATCH),
        (Claim(sha256="ab" * 32, issuer="CN=Acme*", server="Microsoft*"), VERIFIED),
    ],
)
def test_a_claim_of_the_inventory_is_compared_with_what_was_shown(
    claim: Claim, expected: Identity
) -> None:
    shown = answer(AnsweredBy.HTTPS, CERTIFICATE, "Microsoft-HTTPAPI/2.0")

    assert identify(shown, Service.HTTPS, claim) is expected


@pytest.mark.parametrize("claim", [Claim(sha256="ab" * 32), Claim(issuer="CN=*")])
def test_a_claim_about_a_certificate_that_was_not_shown_is_undecided(claim: Claim) -> None:
    assert identify(answer(AnsweredBy.HTTPS), Service.HTTPS, claim) is UNDECIDED


def test_an_issuer_that_nobody_read_yet_is_undecided() -> None:
    unread = Certificate(der=b"", sha256="ab" * 32)

    shown = answer(AnsweredBy.HTTPS, unread)

    assert identify(shown, Service.HTTPS, Claim(issuer="CN=*")) is UNDECIDED


def test_a_server_that_answers_without_its_name_is_not_the_claimed_one() -> None:
    nameless = answer(AnsweredBy.HTTPS)

    assert identify(nameless, Service.HTTPS, Claim(server="Kestrel")) is MISMATCH
    assert identify(nameless, Service.HTTPS, Claim(server="*")) is VERIFIED


def test_a_name_that_it_did_not_come_to_say_is_undecided() -> None:
    assert identify(answer(AnsweredBy.TLS), Service.HTTPS, Claim(server="Kestrel")) is UNDECIDED


def test_a_certificate_may_settle_what_the_protocol_left_undecided() -> None:
    shown = answer(AnsweredBy.TLS, CERTIFICATE)

    assert identify(shown, Service.GRPC, Claim(sha256="ab" * 32)) is VERIFIED
    assert identify(shown, Service.GRPC, Claim(sha256="cd" * 32)) is MISMATCH


def test_another_kind_is_a_mismatch_whatever_it_shows() -> None:
    shown = answer(AnsweredBy.HTTPS, CERTIFICATE)

    assert identify(shown, Service.GRPC, Claim(sha256="ab" * 32)) is MISMATCH
