"""What a TLS session that fails says of the server, read off OpenSSL's own errors."""

import ssl

import pytest

from probe.exchange.tls_failures import TlsFailure, alert_of, may_be_tls, tls_failure
from tests.fakes.certificates import Tls
from tests.probe.exchange.sessions import client_session

ALERTS = {
    10: "unexpected message",
    20: "bad record mac",
    40: "handshake failure",
    42: "bad certificate",
    43: "unsupported certificate",
    44: "certificate revoked",
    45: "certificate expired",
    46: "certificate unknown",
    47: "illegal parameter",
    48: "unknown ca",
    49: "access denied",
    50: "decode error",
    51: "decrypt error",
    70: "protocol version",
    71: "insufficient security",
    80: "internal error",
    86: "inappropriate fallback",
    90: "user cancelled",
    109: "missing extension",
    110: "unsupported extension",
    112: "unrecognized name",
    115: "unknown psk identity",
    116: "certificate required",
    120: "no application protocol",
}
"""RFC 8446 6.2 and RFC 5246 7.2, by number."""


def error_of(answer: bytes) -> ssl.SSLError:
    """Give the error that an answer to our first message makes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    incoming = ssl.MemoryBIO()
    session = context.wrap_bio(incoming, ssl.MemoryBIO())
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    incoming.write(answer)
    with pytest.raises(ssl.SSLError) as caught:
        session.do_handshake()
    return caught.value


def alert(number: int) -> ssl.SSLError:
    return error_of(bytes((21, 3, 3, 0, 2, 2, number)))


@pytest.mark.parametrize(("number", "name"), ALERTS.items())
def test_an_alert_is_known_by_its_name(number: int, name: str) -> None:
    assert alert_of(alert(number)) == name


@pytest.mark.parametrize(
    ("number", "detail"),
    [
        (70, "it speaks neither TLS 1.2 nor 1.3 (alert: protocol version)"),
        (120, "it wants none of the protocols that were offered (alert: no application protocol)"),
        (112, "it does not know the name that was asked for (alert: unrecognized name)"),
        (40, "it broke TLS off (alert: handshake failure)"),
        (80, "it broke TLS off (alert: internal error)"),
    ],
)
def test_an_alert_is_put_into_words(number: int, detail: str) -> None:
    assert tls_failure(alert(number), certificate_shown=False) == TlsFailure(detail)


@pytest.mark.parametrize("number", [40, 42, 43, 46, 49, 116])
def test_who_has_shown_a_certificate_wants_one(number: int) -> None:
    failure = tls_failure(alert(number), certificate_shown=True)

    assert failure.client_certificate
    assert failure.detail.startswith("it demands a client certificate (alert: ")


@pytest.mark.parametrize("number", [47, 50, 51, 80])
def test_other_alerts_are_no_demand_for_a_certificate(number: int) -> None:
    assert not tls_failure(alert(number), certificate_shown=True).client_certificate


def test_the_alert_of_tls_1_3_is_a_demand_in_itself() -> None:
    assert tls_failure(alert(116), certificate_shown=False).client_certificate


def test_a_server_of_an_old_version_is_told_apart() -> None:
    hello = bytes.fromhex("160301002a 02000026 0301") + bytes(32) + bytes.fromhex("00 c013 00")

    failure = tls_failure(error_of(hello), certificate_shown=False)

    assert failure == TlsFailure("it speaks no TLS newer than 1.1")


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"\x16\x03\x03\x00\x05\x99\x00\x00\x01a", "its TLS breaks the rules: unexpected message"),
        (b"\x16\x03\x03\xff\xff" + bytes(100), "its TLS breaks the rules: packet length too long"),
        (b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "its TLS breaks the rules: length mismatch"),
        (bytes((21, 3, 3, 0, 2, 2, 255)), "its TLS breaks the rules: unknown error"),
        (b"SSH-2.0-x\r\n", "its TLS breaks the rules: wrong version number"),
    ],
)
def test_broken_tls_is_put_into_the_words_of_openssl(answer: bytes, detail: str) -> None:
    assert tls_failure(error_of(answer), certificate_shown=False) == TlsFailure(detail)


def test_an_error_of_the_session_is_no_alert() -> None:
    session = client_session(Tls().context())
    with pytest.raises(ssl.SSLError) as caught:
        session.read(1)

    assert alert_of(caught.value) is None


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"", True),
        (b"\x16", True),
        (b"\x15\x03", True),
        (b"\x16\x03\x01\x00\x10", True),
        (b"\x16\x02", False),
        (b"\x04\x01", False),
        (b"S", False),
        (b"HTTP/1.1 400", False),
    ],
)
def test_the_first_bytes_tell_whether_it_may_be_tls(first: bytes, expected: bool) -> None:
    assert may_be_tls(first) is expected
