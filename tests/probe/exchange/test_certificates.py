"""What is thought of a chain in memory is what a verified handshake would have come to."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from flows.outcomes import Chain
from probe.exchange.certificates import (
    MOST_CHAIN_BYTES,
    VALID_SECONDS,
    judge_chain,
    make_verifier,
    shown_certificate,
    shown_chain,
)
from tests.fakes.certificates import Certificate, Tls, authority_pem, der, trusting
from tests.probe.exchange.sessions import client_session

NAME = "a.example"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SOON = datetime.now(UTC) + timedelta(days=30)
KEYS = [trustme.KeyType.ECDSA, trustme.KeyType.RSA]


@pytest.fixture(scope="module")
def root() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def issuing(root: trustme.CA) -> trustme.CA:
    return root.create_child_ca()


def verifier(*trusted: trustme.CA) -> ssl.SSLContext:
    context = make_verifier()
    for authority in trusted:
        authority.configure_trust(context)
    return context


def chain_of(leaf: trustme.LeafCert) -> tuple[bytes, ...]:
    return tuple(ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in leaf.cert_chain_pems)


@pytest.mark.parametrize("key", KEYS)
def test_a_chain_to_a_known_root_is_trusted(
    root: trustme.CA, issuing: trustme.CA, key: trustme.KeyType
) -> None:
    chain = chain_of(issuing.issue_cert(NAME, key_type=key))

    assert judge_chain(verifier(root), chain, NAME) == (Chain.TRUSTED, "")
    assert judge_chain(verifier(root), chain, None) == (Chain.TRUSTED, "")


def test_one_store_judges_with_and_without_a_name(root: trustme.CA) -> None:
    knowing = verifier(root)
    chain = chain_of(root.issue_cert(NAME))

    verdicts = [judge_chain(knowing, chain, name)[0] for name in ("b.example", None, NAME, None)]

    assert verdicts == [Chain.WRONG_NAME, Chain.TRUSTED, Chain.TRUSTED, Chain.TRUSTED]


@pytest.mark.parametrize("key", KEYS)
def test_a_chain_is_faulted_for_what_is_wrong_with_it(
    root: trustme.CA, issuing: trustme.CA, key: trustme.KeyType
) -> None:
    good = chain_of(issuing.issue_cert(NAME, key_type=key))
    old = chain_of(issuing.issue_cert(NAME, key_type=key, not_after=LONG_AGO))
    early = chain_of(issuing.issue_cert(NAME, key_type=key, not_before=SOON))
    knowing = verifier(root)

    faults = [
        judge_chain(knowing, old, NAME),
        judge_chain(knowing, early, NAME),
        judge_chain(knowing, good, "b.example"),
        judge_chain(knowing, good[:1], NAME),
        judge_chain(verifier(), good, NAME),
    ]

    assert faults == [
        (Chain.EXPIRED, "certificate has expired"),
        (Chain.UNTRUSTED, "certificate is not yet valid"),
        (Chain.WRONG_NAME, "Hostname mismatch, certificate is not valid for 'b.example'"),
        (Chain.UNTRUSTED, "unable to get local issuer certificate"),
        (Chain.UNTRUSTED, "unable to get local issuer certificate"),
    ]


def test_an_authority_shown_along_is_still_nobody_s(root: trustme.CA) -> None:
    chain = (
        *chain_of(root.issue_cert(NAME)),
        ssl.PEM_cert_to_DER_cert(root.cert_pem.bytes().decode()),
    )

    verdict, detail = judge_chain(verifier(), chain, NAME)

    assert verdict is Chain.UNTRUSTED
    assert detail.replace("-", " ") == "self signed certificate in certificate chain"


def test_what_is_no_certificate_is_not_judged(root: trustme.CA) -> None:
    verdict, detail = judge_chain(verifier(root), (b"junk",), NAME)

    assert verdict is Chain.UNCHECKED
    assert detail.startswith("OpenSSL cannot read the certificate: ")


@pytest.mark.parametrize("certificate", list(Certificate))
def test_a_verified_handshake_says_the_same(certificate: Certificate) -> None:
    knowing = make_verifier()
    knowing.load_verify_locations(cadata=authority_pem().decode())

    in_passing = judge_chain(knowing, (der(certificate),), "localhost")

    assert in_passing == verdict_of_a_handshake(Tls(certificate))


def verdict_of_a_handshake(server: Tls) -> tuple[Chain, str]:
    """Shake hands as any client does that verifies."""
    try:
        client_session(server.context(), trusting(), "localhost")
    except ssl.SSLCertVerificationError as error:
        verdict = {10: Chain.EXPIRED, 62: Chain.WRONG_NAME}.get(error.verify_code, Chain.UNTRUSTED)
        return verdict, error.verify_message.rstrip(".")
    return Chain.TRUSTED, ""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_shows_its_whole_chain(issuing: trustme.CA, version: ssl.TLSVersion) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = issuing.issue_cert(NAME)
    leaf.configure_cert(server)
    server.maximum_version = version

    assert shown_chain(client_session(server)) == chain_of(leaf)


def test_a_session_without_an_answer_has_shown_nothing() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    session = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())

    assert shown_chain(session) == ()
    assert shown_certificate(session, None, 0.0) is None


def test_of_a_chain_that_is_too_large_only_the_fingerprint_is_kept(root: trustme.CA) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = [f"{number}.{'x' * 60}.example" for number in range(500)]
    leaf = root.issue_cert(*names)
    leaf.configure_cert(server)

    shown = shown_certificate(client_session(server), None, 0.0)

    (leaf_der,) = chain_of(leaf)
    assert len(leaf_der) > MOST_CHAIN_BYTES
    assert shown is not None
    assert (shown.der, shown.chain) == (b"", Chain.UNCHECKED)
    assert shown.sha256 == hashlib.sha256(leaf_der).hexdigest()
    assert shown.chain_detail == f"its chain of {len(leaf_der)} bytes is too large to be kept"


@pytest.fixture
def host_that_trusts_our_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give OpenSSL another store, for as long as the test runs."""
    store = tmp_path / "store.pem"
    store.write_bytes(authority_pem())
    monkeypatch.setenv("SSL_CERT_FILE", str(store))


@pytest.mark.usefixtures("host_that_trusts_our_authority")
def test_the_store_of_this_host_is_asked_and_asked_again_after_a_while() -> None:
    session = client_session(Tls().context())
    period = 1_000_000 * VALID_SECONDS

    trusted = shown_certificate(session, "localhost", period)
    elsewhere = shown_certificate(session, "other.example", period)
    unnamed = shown_certificate(session, None, period)

    assert trusted is not None
    assert (trusted.der, trusted.chain, trusted.chain_detail) == (der(), Chain.TRUSTED, "")
    assert elsewhere is not None
    assert elsewhere.chain is Chain.WRONG_NAME
    assert unnamed is not None
    assert unnamed.chain is Chain.TRUSTED


def test_a_judgement_holds_for_a_while(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session = client_session(Tls().context())
    begin = 2_000_000 * VALID_SECONDS
    (tmp_path / "store.pem").write_bytes(authority_pem())

    before = shown_certificate(session, None, begin)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "store.pem"))
    soon = shown_certificate(session, None, begin + VALID_SECONDS - 1)
    later = shown_certificate(session, None, begin + VALID_SECONDS)

    assert [each and each.chain for each in (before, soon, later)] == [
        Chain.UNTRUSTED,
        Chain.UNTRUSTED,
        Chain.TRUSTED,
    ]
