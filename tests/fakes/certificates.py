"""Certificates of one authority, made once a session, and ways to be wrong about them."""

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")
_ELSEWHERE = ("elsewhere.example",)
_LONG_AGO = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))


class Certificate(StrEnum):
    """What is to be thought of a server's certificate."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    """Issued by an authority that nobody knows."""
    EXPIRED = "expired"
    WRONG_NAME = "wrong-name"


@dataclass(frozen=True, slots=True)
class Tls:
    """How a server speaks TLS."""

    certificate: Certificate = Certificate.TRUSTED
    names: tuple[str, ...] = NAMES
    alpn: tuple[str, ...] = ()
    client_certificate: bool = False
    """It demands one, of the same authority."""
    old: bool = False
    """It speaks TLS 1.1 and nothing newer."""

    def context(self) -> ssl.SSLContext:
        """Make the server's side of it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        _issued(self.certificate, self.names).configure_cert(context)
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        if self.client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            _authority().configure_trust(context)
        if self.old:
            _make_old(context)
        return context


def trusting() -> ssl.SSLContext:
    """Make a client's context that knows the authority of every certificate but the untrusted."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _authority().configure_trust(context)
    return context


def authority_pem() -> bytes:
    """Give the authority's certificate, for a file that a program is told to trust."""
    return _authority().cert_pem.bytes()


def der(certificate: Certificate = Certificate.TRUSTED, names: tuple[str, ...] = NAMES) -> bytes:
    """Give the certificate that a server shows, as a client gets it."""
    return ssl.PEM_cert_to_DER_cert(_issued(certificate, names).cert_chain_pems[0].bytes().decode())


def present(context: ssl.SSLContext) -> None:
    """Let a client show a certificate that `client_certificate` servers take."""
    _issued(Certificate.TRUSTED, ("client.example",)).configure_cert(context)


@cache
def _authority() -> trustme.CA:
    return trustme.CA(organization_name="Gatewatch tests")


@cache
def _stranger() -> trustme.CA:
    return trustme.CA(organization_name="Nobody knows")


@cache
def _issued(certificate: Certificate, names: tuple[str, ...]) -> trustme.LeafCert:
    match certificate:
        case Certificate.TRUSTED:
            return _authority().issue_cert(*names)
        case Certificate.UNTRUSTED:
            return _stranger().issue_cert(*names)
        case Certificate.EXPIRED:
            begin, end = _LONG_AGO
            return _authority().issue_cert(*names, not_before=begin, not_after=end)
        case Certificate.WRONG_NAME:
            return _authority().issue_cert(*_ELSEWHERE)


def _make_old(context: ssl.SSLContext) -> None:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # being old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
