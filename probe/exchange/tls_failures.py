"""From the way a TLS session failed to what that says of the server: it is alive, whatever it is.

RFC 8446 6.2 has the alerts, OpenSSL's ssl/sslerr.h the names by which Python knows them.
"""

import re
import ssl
from dataclasses import dataclass

CERTIFICATE_ALERTS = frozenset(
    {
        "handshake failure",
        "no certificate",
        "bad certificate",
        "unsupported certificate",
        "certificate unknown",
        "certificate required",
        "access denied",
    }
)
"""What a server says that misses the client's certificate, once it has shown its own.

TLS 1.3 has `certificate required` for it; before, and in Windows, it is any of the others.
"""
_CLIENT_CERTIFICATE = "it demands a client certificate"
_OLD = "it speaks no TLS newer than 1.1"
_ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(\w+)")
_ALERT_IN_WORDS = re.compile(r"alert ([a-z ]+?)(?: \(|$)")
_DECORATION = re.compile(r"^\[\w+\] | \(_ssl\.c:\d+\)$")
"""What Python puts around the words of OpenSSL."""
_MEANINGS = {
    "protocol version": "it speaks neither TLS 1.2 nor 1.3",
    "no application protocol": "it wants none of the protocols that were offered",
    "unrecognized name": "it does not know the name that was asked for",
    "certificate required": _CLIENT_CERTIFICATE,
}
_OWN_REFUSALS = frozenset(
    {"UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "BAD_PROTOCOL_VERSION_NUMBER"}
)
"""What OpenSSL says where the server chose a version that it does not speak."""
_RECORD_TYPES = frozenset(range(20, 25))
_MAJOR_VERSION = 3


@dataclass(frozen=True, slots=True)
class TlsFailure:
    """What a failed session showed."""

    detail: str
    client_certificate: bool = False


def tls_failure(error: ssl.SSLError, *, certificate_shown: bool) -> TlsFailure:
    """Say what an error of OpenSSL means; the server did speak TLS."""
    alert = alert_of(error)
    if alert is None:
        reason = _words(error.reason or "") or _DECORATION.sub("", str(error))
        detail = _OLD if error.reason in _OWN_REFUSALS else f"its TLS breaks the rules: {reason}"
        return TlsFailure(detail)
    wanted = alert == "certificate required" or (certificate_shown and alert in CERTIFICATE_ALERTS)
    meaning = _CLIENT_CERTIFICATE if wanted else _MEANINGS.get(alert, "it broke TLS off")
    return TlsFailure(f"{meaning} (alert: {alert})", wanted)


def alert_of(error: ssl.SSLError) -> str | None:
    """Name the alert that the server sent; None where it sent none."""
    if not error.reason:  # an alert that this Python has no name for
        found = _ALERT_IN_WORDS.search(str(error))
        return found[1] if found else None
    found = _ALERT.fullmatch(error.reason)
    return _words(found[1]) if found else None


def may_be_tls(first: bytes) -> bool:
    """Tell whether bytes could begin a TLS record (RFC 8446 5.1); none at all could."""
    return not first or (
        first[0] in _RECORD_TYPES and (len(first) == 1 or first[1] == _MAJOR_VERSION)
    )


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ")
