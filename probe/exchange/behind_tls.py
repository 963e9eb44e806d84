"""One exchange for every service that may be expected behind TLS: what was agreed on decides.

HTTP/2 and HTTP/1.1 are offered to everybody, so that the wrong service is known for what it is.
"""

import ssl
from collections.abc import Awaitable, Callable

import msgspec

from flows.outcomes import Observation, Outcome, Stage
from probe.engine.attempt import Attempt, CheckFunction
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.handshake import broken_off, shake_hands

HTTP2 = "h2"
HTTP1 = "http/1.1"

Speak = Callable[[Attempt, Stream], Awaitable[Observation]]
"""Speaks one protocol inside of TLS; raises Ended or ssl.SSLError where nothing came."""


def behind_tls(*, http1: Speak, http2: Speak) -> CheckFunction:
    """Make the check of a port behind TLS of what speaks the one and the other."""

    async def check(attempt: Attempt) -> Observation:
        async with await attempt.connect() as stream:
            handshake = await shake_hands(attempt, stream, (HTTP2, HTTP1))
            if not handshake.done:
                return handshake.seen
            speak = http2 if handshake.seen.alpn == HTTP2 else http1
            return await spoken(speak, attempt, stream, handshake.seen)

    return check


async def spoken(speak: Speak, attempt: Attempt, stream: Stream, seen: Observation) -> Observation:
    """Speak inside of TLS, and add what TLS has shown.

    Whoever shook hands and then went away was a TLS server at least. Silence is `hung` all the
    same: TLS stands before the service, and nothing behind it.
    """
    attempt.stages.enter(Stage.PROTOCOL)
    try:
        said = await speak(attempt, stream)
    except ssl.SSLError as error:
        return broken_off(seen, error)
    except Ended as ended:
        outcome = Outcome.OPEN if ended.outcome is Outcome.RESET else ended.outcome
        detail = f"after the TLS handshake: {ended.detail}"
        return msgspec.structs.replace(seen, outcome=outcome, detail=detail)
    return msgspec.structs.replace(
        said, alpn=seen.alpn, tls_version=seen.tls_version, certificate=seen.certificate
    )
