"""The messages that show OpenSSL a chain, seen by OpenSSL."""

import ssl

import pytest

from probe.wire.tls import MOST_RECORD_BYTES, CipherSuite, build_certificate_flight
from tests.fakes.certificates import der

SUITES = list(CipherSuite)


def records(flight: bytes) -> list[bytes]:
    """Cut a flight into the payloads of its records."""
    payloads = []
    while flight:
        length = int.from_bytes(flight[3:5], "big")
        assert flight[:3] == b"\x16\x03\x03"
        payloads.append(flight[5 : 5 + length])
        flight = flight[5 + length :]
    return payloads


def test_a_long_chain_is_spread_over_records() -> None:
    payloads = records(build_certificate_flight(SUITES[0], [bytes(9000)] * 4))

    assert [len(payload) for payload in payloads[:2]] == [MOST_RECORD_BYTES] * 2
    assert 0 < len(payloads[2]) < MOST_RECORD_BYTES
    assert len(payloads) == 3


def test_the_chain_follows_the_hello_in_its_order() -> None:
    (messages,) = records(build_certificate_flight(SUITES[0], [b"leaf", b"issuer"]))

    hello_length = 4 + int.from_bytes(messages[1:4], "big")
    assert messages[0] == 2
    assert messages[hello_length:] == (
        b"\x0b\x00\x00\x13\x00\x00\x10\x00\x00\x04leaf\x00\x00\x06issuer"
    )


@pytest.mark.parametrize("suite", SUITES)
def test_openssl_takes_them_for_a_server_s(suite: CipherSuite) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming = ssl.MemoryBIO()
    session = context.wrap_bio(incoming, ssl.MemoryBIO(), server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    incoming.write(build_certificate_flight(suite, [der()]))

    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        session.do_handshake()
