"""TLS 1.2: the server's first messages, as far as its certificates, which nothing encrypts.

RFC 5246 6.2.1 (records), 7.4 (handshake), 7.4.1.3 (ServerHello), 7.4.2 (Certificate). RFC 5746 and
RFC 7627 have the two extensions without which OpenSSL reads no further.
"""

from collections.abc import Sequence
from enum import IntEnum

MOST_RECORD_BYTES = 16384
"""RFC 5246 6.2.1."""
_HANDSHAKE = 22
_SERVER_HELLO = 2
_CERTIFICATE = 11
_VERSION = b"\x03\x03"
_RANDOM = bytes(32)
"""Nobody ever computes a key with it."""
_NO_SESSION = b"\0"
_NO_COMPRESSION = b"\0"
_RENEGOTIATION_INFO = b"\xff\x01\x00\x01\x00"
_EXTENDED_MASTER_SECRET = b"\x00\x17\x00\x00"


class CipherSuite(IntEnum):
    """RFC 5289: one suite for each kind of key that a certificate may hold."""

    ECDHE_RSA_WITH_AES_128_GCM_SHA256 = 0xC02F
    ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = 0xC02B


def build_certificate_flight(suite: CipherSuite, chain: Sequence[bytes]) -> bytes:
    """Write ServerHello and Certificate with a chain of X.509 in DER, the leaf first."""
    extensions = _counted(_RENEGOTIATION_INFO + _EXTENDED_MASTER_SECRET, 2)
    chosen = suite.to_bytes(2, "big") + _NO_COMPRESSION
    hello = b"".join((_VERSION, _RANDOM, _NO_SESSION, chosen, extensions))
    certificates = _counted(b"".join(_counted(each, 3) for each in chain), 3)
    return _records(_message(_SERVER_HELLO, hello) + _message(_CERTIFICATE, certificates))


def _records(messages: bytes) -> bytes:
    pieces = (
        messages[start : start + MOST_RECORD_BYTES]
        for start in range(0, len(messages), MOST_RECORD_BYTES)
    )
    return b"".join(bytes((_HANDSHAKE,)) + _VERSION + _counted(piece, 2) for piece in pieces)


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _counted(body, 3)


def _counted(data: bytes, width: int) -> bytes:
    """Put its length in front, in so many bytes."""
    return len(data).to_bytes(width, "big") + data
