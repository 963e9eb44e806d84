"""The certificate that a server showed, and what this host thinks of its chain.

Handshakes are done without verification, so that one connection shows everything. The chain is
judged afterwards, by OpenSSL and this host's store, in memory: docs/decisions/0006-certificates.md.
"""

import hashlib
import ssl
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from flows.outcomes import Certificate, Chain
from probe.wire.tls import CipherSuite, build_certificate_flight

VALID_SECONDS = 600.0
"""How long a judgement holds: a certificate may expire, the host's store may change."""
MOST_CHAIN_BYTES = 32768
"""Of a chain that is judged and whose leaf is kept; honest ones have a tenth of it."""
_REMEMBERED = 128
_DER = 2
"""`_ssl.ENCODING_DER`."""

_EXPIRED = 10
_WRONG_NAMES = frozenset({62, 63, 64})
"""X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_*_MISMATCH of openssl/x509_vfy.h."""


class _Certificate(Protocol):
    def public_bytes(self, encoding: int, /) -> bytes: ...


class _Session(Protocol):
    def get_unverified_chain(self) -> Iterable[_Certificate] | None: ...


def shown_certificate(session: ssl.SSLObject, name: str | None, now: float) -> Certificate | None:
    """Give the leaf that a server showed, judged; None where it has shown none.

    `now` is in seconds of any clock that only goes forward. The handshake need not have succeeded.
    """
    chain = shown_chain(session)
    if not chain:
        return None
    if (size := sum(map(len, chain))) > MOST_CHAIN_BYTES:
        return _too_large(chain[0], size)
    return _remembered(chain, name, int(now / VALID_SECONDS))


def shown_chain(session: ssl.SSLObject) -> tuple[bytes, ...]:
    """List the certificates in DER that a server has shown, the leaf first."""
    if sys.version_info >= (3, 13):
        return tuple(session.get_unverified_chain())
    # Public since 3.13. In 3.11 and 3.12, which take no changes any more, it is one layer below.
    inner: _Session = session._sslobj  # type: ignore[attr-defined] # noqa: SLF001 - as said
    return tuple(each.public_bytes(_DER) for each in inner.get_unverified_chain() or ())


@lru_cache(maxsize=_REMEMBERED)
def _remembered(chain: tuple[bytes, ...], name: str | None, period: int) -> Certificate:
    verdict, detail = judge_chain(_verifier(period), chain, name)
    leaf = chain[0]
    return Certificate(der=leaf, sha256=_fingerprint(leaf), chain=verdict, chain_detail=detail)


def _too_large(leaf: bytes, size: int) -> Certificate:
    """Keep what tells a certificate from others, and not the certificate."""
    detail = f"its chain of {size} bytes is too large to be kept"
    return Certificate(der=b"", sha256=_fingerprint(leaf), chain_detail=detail)


def _fingerprint(leaf: bytes) -> str:
    return hashlib.sha256(leaf).hexdigest()


@lru_cache(maxsize=1)
def _verifier(period: int) -> ssl.SSLContext:  # noqa: ARG001 - anew in each period
    """Load this host's store, which takes 20 ms and 2.4 MiB."""
    context = make_verifier()
    context.load_default_certs()
    return context


def make_verifier() -> ssl.SSLContext:
    """Make a context for `judge_chain` that trusts nobody yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def judge_chain(
    verifier: ssl.SSLContext, chain: tuple[bytes, ...], name: str | None
) -> tuple[Chain, str]:
    """Verify a chain, the leaf first, and where there is a name that the leaf is made out to it."""
    verifier.check_hostname = name is not None  # of the sessions that it makes from here on
    for suite in CipherSuite:
        try:
            _show(verifier, build_certificate_flight(suite, chain), name)
        except ssl.SSLCertVerificationError as error:
            return _verdict(error), error.verify_message.rstrip(".")
        except ssl.SSLError as error:
            unread = error.reason or str(error)  # the suite is for keys of the other kind, or worse
        else:
            return Chain.TRUSTED, ""
    return Chain.UNCHECKED, f"OpenSSL cannot read the certificate: {unread}"


def _show(verifier: ssl.SSLContext, flight: bytes, name: str | None) -> None:
    """Shake hands with a server that has nothing but certificates; it verifies them in passing."""
    incoming = ssl.MemoryBIO()
    session = verifier.wrap_bio(incoming, ssl.MemoryBIO(), server_hostname=name)
    for received in (b"", flight):
        incoming.write(received)
        try:
            session.do_handshake()
        except ssl.SSLWantReadError:
            continue


def _verdict(error: ssl.SSLCertVerificationError) -> Chain:
    if error.verify_code == _EXPIRED:
        return Chain.EXPIRED
    return Chain.WRONG_NAME if error.verify_code in _WRONG_NAMES else Chain.UNTRUSTED
