from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from collector.certificates import read, with_certificates
from flows.outcomes import Certificate, Chain, Observation, Outcome
from tests.collector.metrics.pages import value
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY
from tests.collector.serving import calling, settings_in

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 31, 12, 30, tzinfo=UTC)
NAMES = (x509.DNSName("be-02.acme.example"), x509.IPAddress(ip_address("10.1.0.12")))


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Let no test find what another one read."""
    read.cache_clear()
    yield
    read.cache_clear()


def leaf(key: Key, *names: x509.GeneralName) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "be-02, backend")])
    issuer = x509.Name.from_rfc4514_string("CN=Acme Issuing CA,O=Acme")
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, BEGIN, END)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


GOOD = leaf(ec.generate_private_key(ec.SECP256R1()), *NAMES)


def shown(der: bytes) -> Certificate:
    return Certificate(der=der, sha256=sha256(der).hexdigest(), chain=Chain.UNTRUSTED)


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)]
)
def test_a_leaf_says_whose_it_is_who_issued_it_and_when_it_ends(key: Key) -> None:
    seen = read(shown(leaf(key, *NAMES)))

    assert seen.subject == r"CN=be-02\, backend"
    assert seen.issuer == "CN=Acme Issuing CA,O=Acme"
    assert seen.names == ("be-02.acme.example", "10.1.0.12")
    assert seen.not_after == END


def test_what_the_probe_thought_of_it_stays() -> None:
    shown_ = shown(leaf(ec.generate_private_key(ec.SECP256R1())))

    seen = read(shown_)

    assert (seen.sha256, seen.chain) == (shown_.sha256, Chain.UNTRUSTED)


def test_what_was_read_is_kept_without_its_der_and_is_not_read_again() -> None:
    seen = read(shown(GOOD))

    assert seen.der == b""
    assert read(seen) is seen


def test_a_leaf_without_alternative_names_has_none() -> None:
    assert read(shown(leaf(ec.generate_private_key(ec.SECP256R1())))).names == ()


def test_names_of_other_kinds_are_left_out() -> None:
    key = ec.generate_private_key(ec.SECP256R1())

    seen = read(shown(leaf(key, x509.RFC822Name("ops@acme.example"), NAMES[0])))

    assert seen.names == ("be-02.acme.example",)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_stays_as_evidence(garbage: bytes) -> None:
    assert read(shown(garbage)) == shown(garbage)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_stays_as_it_is(at: int, byte: int) -> None:
    der = GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]

    seen = read(shown(der))

    assert seen.der == (b"" if seen.not_after else der)


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"),
        (b"\x0c\x0ebe-02, backend", b"\x03\x0ebe-02, backend"),
    ],
    ids=["a version that does not exist", "a name of bits instead of letters"],
)
def test_a_certificate_of_a_strange_kind_stays_as_evidence(found: bytes, replaced: bytes) -> None:
    assert GOOD.count(found) == 1
    strange = shown(GOOD.replace(found, replaced))

    assert read(strange) == strange


def test_names_that_nobody_can_read_cost_only_themselves() -> None:
    dns_name, x400_address = b"\x82\x12be-02.", b"\xa3\x12be-02."
    assert GOOD.count(dns_name) == 1

    seen = read(shown(GOOD.replace(dns_name, x400_address)))

    assert (seen.subject, seen.names, seen.not_after) == (r"CN=be-02\, backend", (), END)


def test_the_same_certificate_is_read_once() -> None:
    first, second = read(shown(GOOD)), read(shown(GOOD))

    assert first is second


def test_what_was_seen_at_every_address_is_read() -> None:
    one = Observation(outcome=Outcome.OPEN, address="10.1.0.12", certificate=shown(GOOD))
    other = Observation(outcome=Outcome.REFUSED, address="10.1.0.13")
    name = Observation(outcome=Outcome.REFUSED, addresses=(one, other))

    seen = with_certificates(name)

    assert [x.certificate is not None and x.certificate.not_after for x in seen.addresses] == [
        END,
        False,
    ]


def test_an_observation_without_certificates_comes_back_as_it_was() -> None:
    seen = Observation(outcome=Outcome.OPEN)

    assert with_certificates(seen) is seen


async def test_a_report_is_judged_by_what_its_certificates_say(tmp_path: Path) -> None:
    claim = 'roles: [backend], identity: {https: {issuer: "CN=Acme Issuing CA,*"}}'
    text = INVENTORY.replace("be-02.acme.example, roles: [backend]", f"10.1.0.9, {claim}")
    seen = msgspec.structs.replace(HTTPS, certificate=shown(GOOD))
    async with calling(settings_in(tmp_path, text)) as caller:
        await caller.report("con-01", {CONSOLE: seen})

        view = (await caller.get("path", path=CONSOLE)).body
        metrics = (await caller.get("/metrics/estate")).content.decode()

    assert view["phases"]["baseline"]["identity"] == "verified"
    assert view["observation"]["certificate"]["subject"] == r"CN=be-02\, backend"
    assert value(metrics, "gatewatch_certificate_expiry_timestamp_seconds") == END.timestamp()
