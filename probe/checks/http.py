"""Ask a web server without TLS for its status and name (RFC 9112)."""

import re

from flows.outcomes import AnsweredBy, Observation, Outcome, Stage
from probe.engine.attempt import Attempt
from probe.exchange.http import answered, get
from probe.exchange.replies import Wrong
from probe.wire.http1 import Response, ResponseReader

PORT = 80
_BAD_REQUEST = 400
_WANTS_TLS = re.compile(rb"HTTPS (?:port|server)|SSL-enabled server port")
"""What nginx, Go and Apache say to a request without TLS on a port that has it."""


async def check(attempt: Attempt) -> Observation:
    """Get `/` over HTTP/1.1: whatever the status, a web server answered."""
    async with await attempt.connect() as stream:
        attempt.stages.enter(Stage.PROTOCOL)
        reader = _Reader()
        reply = await get(attempt, stream, PORT, reader)
        if isinstance(reply, Wrong):
            return reply.observation(AnsweredBy.HTTP)
        if reader.wants_tls:
            detail = "a web server answered that it is spoken to over TLS only"
            return Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, detail=detail)
        return answered(reply, AnsweredBy.HTTP)


class _Reader:
    """Reads an answer, and sees whether it is a complaint about missing TLS."""

    def __init__(self) -> None:
        self.wants_tls = False
        self._head = ResponseReader()

    def feed(self, data: bytes) -> Response | None:
        response = self._head.feed(data)
        if response is not None and response.status == _BAD_REQUEST:
            self.wants_tls = _WANTS_TLS.search(data) is not None
        return response
