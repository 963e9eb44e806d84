"""Ask a web server behind TLS for its status and name (RFC 9112)."""

from flows.outcomes import AnsweredBy, Observation
from probe.engine.attempt import Attempt
from probe.engine.stream import Stream
from probe.exchange.http import answered, get
from probe.exchange.replies import Wrong

PORT = 443


async def speak(attempt: Attempt, stream: Stream) -> Observation:
    """Get `/` over HTTP/1.1: whatever the status, a web server answered."""
    reply = await get(attempt, stream, PORT)
    if isinstance(reply, Wrong):
        return reply.observation(AnsweredBy.HTTPS, inside_tls=True)
    return answered(reply, AnsweredBy.HTTPS)
