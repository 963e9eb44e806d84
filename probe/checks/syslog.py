"""Reach a syslog server, which never answers: on TCP to be connected says all (RFC 6587).

Where it speaks TLS the handshake is made, and taken leave of in order, or the server logs an error.
"""

import secrets
import socket
from datetime import UTC, datetime

import msgspec

from flows.outcomes import AnsweredBy, Observation, Outcome, Service, Stage
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.handshake import shake_hands, take_leave
from probe.wire.syslog import build_frame, build_message

_CONNECTED = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.NONE)


async def check(attempt: Attempt) -> Observation:
    """Connect over TCP, shake hands over TLS, or send one datagram.

    Where the check says so, one message goes along that is marked as a probe's.
    """
    if attempt.check.proto == "udp":
        return await _over_udp(attempt)
    async with await attempt.connect() as stream:
        if Service.TLS not in attempt.check.services:
            return await _send(attempt, stream, _CONNECTED)
        handshake = await shake_hands(attempt, stream)
        if not handshake.done:
            return handshake.seen
        seen = await _send(attempt, stream, handshake.seen)
        return await take_leave(attempt, stream, seen)


async def _over_udp(attempt: Attempt) -> Observation:
    """Send an empty datagram, which servers pass over in silence (RFC 5426), or the message."""
    message, nonce = _message() if attempt.check.syslog_send else (b"", "")
    try:
        reply = await attempt.exchange(message)
    except Ended as ended:
        ended.detail += _sent(nonce)
        raise
    return Observation(
        outcome=Outcome.ANSWERED,
        answered_by=AnsweredBy.OTHER,
        detail=f"answered with {len(reply)} bytes, which syslog never does{_sent(nonce)}",
    )


async def _send(attempt: Attempt, stream: Stream, seen: Observation) -> Observation:
    """Send one message, if that is wanted; its length goes in front (RFC 5425 4.3)."""
    if not attempt.check.syslog_send:
        return seen
    attempt.stages.enter(Stage.PROTOCOL)
    message, nonce = _message()
    await stream.send(build_frame(message))
    return msgspec.structs.replace(seen, detail=_sent(nonce).removeprefix("; "))


def _message() -> tuple[bytes, str]:
    """Write a message of here and now, and the nonce by which it can be found again."""
    nonce = secrets.token_hex(8)
    return build_message(socket.gethostname(), datetime.now(UTC), nonce), nonce


def _sent(nonce: str) -> str:
    return f"; one message was sent, nonce={nonce}" if nonce else ""
