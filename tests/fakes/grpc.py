"""gRPC servers, fast ones: HTTP/2 by the h2 library, and one answer to every call."""

from typing import Self

from probe.wire.http2 import ALPN
from probe.wire.http2_service import (
    UNIMPLEMENTED,
    Answer,
    grpc_answer,
    grpc_answer_in_trailers,
)
from tests.fakes.certificates import Certificate, Tls
from tests.fakes.https import serve_http2
from tests.fakes.streams import LOOPBACK, Address, Conversation, Stream, StreamServer, TlsStream

KESTREL = "Kestrel"
"""What ASP.NET Core's own server calls itself."""
_H2 = Tls(alpn=(ALPN,))


class GrpcServer(StreamServer):
    """A gRPC server; like grpcio it closes where the client did not agree to HTTP/2."""

    @classmethod
    def answering(
        cls, status: int = UNIMPLEMENTED, server: str = KESTREL, *, bind: Address = LOOPBACK
    ) -> Self:
        """Answer every call with that grpc-status, in the headers."""
        return cls(_calls(grpc_answer(server, status)), tls=_H2, bind=bind)

    @classmethod
    def answering_in_trailers(
        cls, status: int = UNIMPLEMENTED, server: str = KESTREL, *, bind: Address = LOOPBACK
    ) -> Self:
        """Answer every call with that grpc-status, in the trailers."""
        return cls(_calls(grpc_answer_in_trailers(server, status)), tls=_H2, bind=bind)

    @classmethod
    def without_tls(cls, *, bind: Address = LOOPBACK) -> Self:
        """Speak HTTP/2 in clear: SETTINGS come unasked, to anything."""
        return cls(_calls(grpc_answer(KESTREL)), bind=bind)

    @classmethod
    def showing(cls, certificate: Certificate, *, bind: Address = LOOPBACK) -> Self:
        """Answer well behind a certificate of that kind."""
        return cls(_calls(grpc_answer(KESTREL)), tls=Tls(certificate, alpn=(ALPN,)), bind=bind)

    @classmethod
    def demanding_a_client_certificate(cls, *, bind: Address = LOOPBACK) -> Self:
        """Break the handshake off with an alert unless the client shows a certificate."""
        tls = Tls(alpn=(ALPN,), client_certificate=True)
        return cls(_calls(grpc_answer(KESTREL)), tls=tls, bind=bind)

    @classmethod
    def silent_after_the_handshake(cls, *, bind: Address = LOOPBACK) -> Self:
        """Shake hands, then say nothing, not even SETTINGS."""
        return cls(lambda stream: stream.to_the_end(), tls=_H2, bind=bind)


def _calls(answer: Answer) -> Conversation:
    async def converse(stream: Stream) -> None:
        if not isinstance(stream, TlsStream) or stream.alpn == ALPN:
            await serve_http2(stream, answer)

    return converse
