"""Why the collector did not do what it was asked, in one sentence, and what to make of it."""

import os
import ssl
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
import msgspec

from flows.errors import GatewatchError
from flows.messages import ProblemDocument

LATER = frozenset({401, 408, 429})
"""Refusals that another time may overcome: no credential yet, too slow, too often."""

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding foreign JSON raises: wrong, no UTF-8, or nested to exhaust the stack."""
LONGEST_DETAIL = 300
UNKNOWN = "Unknown error"
"""What Windows' C library makes of codes of Winsock, for which Python has words of its own."""


class CollectorError(GatewatchError):
    """The collector did not do what it was asked."""

    def __init__(
        self, text: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        """None where there was no answer."""
        self.retry_after = retry_after
        """Seconds that it asked for."""

    @property
    def is_final(self) -> bool:
        """Whether the same request can never succeed."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in LATER


def unreached(url: str, error: Exception, seconds: float) -> CollectorError:
    """Say why there was no answer."""
    return CollectorError(f"{url} {_reason(error, seconds)}")


def _reason(error: Exception, seconds: float) -> str:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "cannot be reached: nothing answers the attempt to connect"
        case TimeoutError():
            return f"did not answer within {seconds:g} s"
        case aiohttp.ClientConnectorError() | aiohttp.ClientConnectorCertificateError():
            return _connecting_failed(error)
        case aiohttp.ServerDisconnectedError():
            return "closed the connection without an answer"
        case OSError():
            return f"cannot be reached: {_system_words(error)}"
        case _:
            return f"gave no answer that HTTP knows: {type(error).__name__}: {error}"


def _connecting_failed(
    error: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError,
) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"is not trusted: {_certificate_fault(error.certificate_error)}"
        case aiohttp.ClientConnectorDNSError():
            return "cannot be reached: its name does not resolve"
        case _:
            return f"cannot be reached: {_system_words(error.os_error)}"


def _certificate_fault(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)


def _system_words(error: OSError) -> str:
    """Write an error of the system without Python's decoration around it."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or error})"
    words = os.strerror(error.errno) if error.errno else UNKNOWN
    return str(error) if words.startswith(UNKNOWN) else words


def refused(
    url: str, status: int, body: bytes, retry_after: str | None, now: float
) -> CollectorError:
    """Say what a status other than success means; a problem document (RFC 9457) says it itself."""
    seconds = retry_after_seconds(retry_after, now) if status in {429, 503} else None
    if 300 <= status < 400:
        return CollectorError(f"{url} answered {status}; redirects are not followed", status)
    try:
        detail = msgspec.json.decode(body, type=ProblemDocument).detail
    except UNREADABLE:
        detail = HTTPStatus(status).phrase if status in set(HTTPStatus) else "no reason given"
    return CollectorError(f"{url} answered {status}: {one_line(detail)}", status, seconds)


def one_line(text: str) -> str:
    """Make foreign text fit for a log: one line of a bounded length."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable if len(printable) <= LONGEST_DETAIL else printable[:LONGEST_DETAIL] + " ..."


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Read `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3); None if it says nothing."""
    if header is None:
        return None
    if header.isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):  # a year, or an offset, of twenty digits
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
