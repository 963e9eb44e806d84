"""TLS as every check begins it: what was agreed, the certificate, and how it failed if it did."""

import ssl
from dataclasses import dataclass
from functools import cache

import msgspec

from flows.outcomes import AnsweredBy, Observation, Outcome, Stage
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.certificates import shown_certificate
from probe.exchange.replies import wrong_service
from probe.exchange.tls_failures import may_be_tls, tls_failure

_CIPHERS = "HIGH:!aNULL:!PSK:!SRP:@SECLEVEL=0"
_OP_LEGACY_SERVER_CONNECT = 0x4
"""Of OpenSSL's ssl.h; Python names it since 3.12. Without it a server before RFC 5746 is refused.

An old server is measured like any other; what to think of it is not for the probe to say.
"""
_UNNAMED = ", and it was not asked for by name: the inventory has an address only"
"""Some servers, http.sys among them, have certificates for certain names and hang up on others."""


LEAVING_SECONDS = 0.25
"""How long a server gets to refuse us for want of a client certificate."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a handshake showed."""

    seen: Observation
    """All that there is to say if nothing more is said: open, answered by TLS as a rule."""
    done: bool
    """Whether the session stands and can carry more."""


async def shake_hands(attempt: Attempt, stream: Stream, alpn: tuple[str, ...] = ()) -> Handshake:
    """Speak TLS on a connection and offer these protocols.

    Raises Ended: hung, or reset where it closed without an alert.
    """
    attempt.stages.enter(Stage.TLS)
    try:
        await stream.start_tls(measuring_context(alpn), server_name(attempt))
    except ssl.SSLError as error:
        if not may_be_tls(stream.first_bytes):
            return Handshake(_no_tls(stream), done=False)
        return Handshake(broken_off(shown(attempt, stream), error), done=False)
    except Ended as ended:
        if not may_be_tls(stream.first_bytes):
            return Handshake(_no_tls(stream), done=False)
        if ended.outcome is Outcome.RESET and server_name(attempt) is None:
            ended.detail += _UNNAMED
        raise
    return Handshake(shown(attempt, stream), done=True)


async def take_leave(attempt: Attempt, stream: Stream, seen: Observation) -> Observation:
    """Say close_notify, and listen for a moment: TLS 1.3 refuses a client only after its handshake.

    A server that is left without close_notify logs an error, rsyslog for every probe.
    """
    assert stream.tls is not None  # noqa: S101 - it shook hands
    attempt.stages.stop(within_seconds=LEAVING_SECONDS)
    try:
        await stream.tls.close()
        await stream.receive()
    except ssl.SSLError as error:
        return broken_off(seen, error)
    except Ended:
        pass  # it is in no hurry, or gone without a word
    return seen


def shown(attempt: Attempt, stream: Stream) -> Observation:
    """Write down what a session has shown so far."""
    assert stream.tls is not None  # noqa: S101 - one was begun
    session = stream.tls.session
    return Observation(
        outcome=Outcome.OPEN,
        answered_by=AnsweredBy.TLS,
        alpn=session.selected_alpn_protocol(),
        tls_version=session.version(),
        certificate=shown_certificate(session, server_name(attempt), attempt.means.now()),
    )


def broken_off(seen: Observation, error: ssl.SSLError) -> Observation:
    """Add to what a session has shown how it failed, in its handshake or after it."""
    failure = tls_failure(error, certificate_shown=seen.certificate is not None)
    return msgspec.structs.replace(
        seen, detail=failure.detail, client_certificate=failure.client_certificate
    )


def server_name(attempt: Attempt) -> str | None:
    """Name the server as TLS does (RFC 6066 3): no address, and no dot at the end."""
    name = attempt.check.name
    return name.rstrip(".") if name else None


@cache
def measuring_context(alpn: tuple[str, ...]) -> ssl.SSLContext:
    """Make the context that every handshake with these protocols shares: it verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_CIPHERS)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # Debian's Python would offer TLS 1.0
    context.options |= _OP_LEGACY_SERVER_CONNECT
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def _no_tls(stream: Stream) -> Observation:
    named = wrong_service(stream.first_bytes, AnsweredBy.TLS, "it is no TLS")
    if named.answered_by is AnsweredBy.GRPC:  # without TLS it is not the service that is wanted
        return msgspec.structs.replace(named, answered_by=AnsweredBy.HTTP)
    return named
