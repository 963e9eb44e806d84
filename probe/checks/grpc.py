"""Call a method that no gRPC server has: whoever answers in gRPC is one (gRPC over HTTP/2)."""

from contextlib import suppress

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.http import authority_of, status_words
from probe.exchange.replies import Incoming
from probe.version import own_version
from probe.wire import WireError
from probe.wire.http2 import GrpcAnswer, GrpcCall

PORT = 443
_HTTP_1_1_REQUIRED = 0xD
"""RFC 9113 7: a web server, http.sys among them, that wants to go back to HTTP/1.1."""


async def speak(attempt: Attempt, stream: Stream) -> Observation:
    """Make one call over HTTP/2; a web server answers it with a page."""
    call = GrpcCall(authority_of(attempt, PORT), own_version())
    incoming = Incoming(attempt, stream)
    await incoming.say(call.opening())
    while not call.answer.decided:
        data = await incoming.receive()
        try:
            owed = call.receive(data)
        except WireError as error:
            wrong = await incoming.wrong(error)
            return wrong.observation(AnsweredBy.GRPC, inside_tls=True)
        if owed and not call.answer.decided:
            await stream.send(owed)
    with suppress(Ended):  # the goodbye is a courtesy
        await stream.send(call.closing())
    return _observed(call.answer)


def _observed(answer: GrpcAnswer) -> Observation:
    by, detail = _judged(answer)
    return Observation(
        outcome=Outcome.OPEN,
        answered_by=by,
        detail=detail,
        status=answer.grpc_status if by is AnsweredBy.GRPC else answer.status,
        server=answer.server,
    )


def _judged(answer: GrpcAnswer) -> tuple[AnsweredBy, str]:
    """Say what kind of server gives such an answer."""
    if answer.speaks_grpc:
        return AnsweredBy.GRPC, status_words(f"grpc-status {answer.grpc_status}", answer.server)
    if answer.claims_grpc:
        return AnsweredBy.TLS, "it began to answer in gRPC and gave no grpc-status"
    if answer.status is not None:
        return AnsweredBy.HTTPS, status_words(f"HTTP status {answer.status}", answer.server)
    code = answer.goaway_code if answer.reset_code is None else answer.reset_code
    if code == _HTTP_1_1_REQUIRED:
        return AnsweredBy.HTTPS, "it asks for HTTP/1.1"
    said = "" if code is None else f" (error {code})"
    return AnsweredBy.TLS, f"it speaks HTTP/2 and gave the call up without an answer{said}"
