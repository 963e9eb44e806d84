"""Web servers: HTTP/1.1 with and without TLS, HTTP/2 where agreed, and ways to fail at TLS."""

from typing import Self

from probe.wire.http1 import Response, build_response
from probe.wire.http2_service import Answer, Http2Service, page
from tests.fakes.certificates import Certificate, Tls
from tests.fakes.streams import LOOPBACK, Address, Conversation, Stream, StreamServer, TlsStream

HTTP_SYS = "Microsoft-HTTPAPI/2.0"
"""What http.sys calls itself, with or without an application behind."""
_HTTP1 = ("http/1.1",)
_END_OF_HEAD = b"\r\n\r\n"
_MOST_HEAD_BYTES = 65536


class HttpServer(StreamServer):
    """A web server without TLS."""

    @classmethod
    def answering(
        cls, status: int = 200, server: str = HTTP_SYS, *, bind: Address = LOOPBACK
    ) -> Self:
        """Answer every request the same, and anything else with 400."""
        return cls(web(status, server), bind=bind)


class HttpsServer(StreamServer):
    """A web server with TLS."""

    @classmethod
    def answering(
        cls,
        status: int = 200,
        server: str = HTTP_SYS,
        *,
        alpn: tuple[str, ...] = _HTTP1,
        bind: Address = LOOPBACK,
    ) -> Self:
        """Answer every request the same; in HTTP/2 where `alpn` has h2 and the client wants it."""
        return cls(web(status, server), tls=Tls(alpn=alpn), bind=bind)

    @classmethod
    def showing(
        cls,
        certificate: Certificate,
        *,
        server: str = HTTP_SYS,
        alpn: tuple[str, ...] = _HTTP1,
        bind: Address = LOOPBACK,
    ) -> Self:
        """Answer well behind a certificate of that kind."""
        return cls(web(200, server), tls=Tls(certificate, alpn=alpn), bind=bind)

    @classmethod
    def demanding_a_client_certificate(cls, *, bind: Address = LOOPBACK) -> Self:
        """Break the handshake off with an alert unless the client shows a certificate."""
        return cls(web(200, HTTP_SYS), tls=Tls(alpn=_HTTP1, client_certificate=True), bind=bind)

    @classmethod
    def speaking_old_tls_only(cls, *, bind: Address = LOOPBACK) -> Self:
        """Speak TLS 1.1 and nothing newer."""
        return cls(web(200, HTTP_SYS), tls=Tls(alpn=_HTTP1, old=True), bind=bind)

    @classmethod
    def silent_after_the_handshake(cls, *, bind: Address = LOOPBACK) -> Self:
        """Shake hands, then say nothing."""
        return cls(lambda stream: stream.to_the_end(), tls=Tls(alpn=_HTTP1), bind=bind)

    @classmethod
    def closing_after_the_handshake(
        cls, *, alpn: tuple[str, ...] = _HTTP1, bind: Address = LOOPBACK
    ) -> Self:
        """Shake hands, read the request, and close without a word."""

        async def close(stream: Stream) -> None:
            await stream.read()

        return cls(close, tls=Tls(alpn=alpn), bind=bind)

    @classmethod
    def answering_bytes(
        cls, data: bytes, *, alpn: tuple[str, ...] = _HTTP1, bind: Address = LOOPBACK
    ) -> Self:
        """Shake hands, read the request, and answer these bytes whatever they are."""

        async def answer(stream: Stream) -> None:
            await stream.read()
            await stream.send(data)
            await stream.to_the_end()

        return cls(answer, tls=Tls(alpn=alpn), bind=bind)


def web(status: int, server: str) -> Conversation:
    """Converse as a web server that gives one answer, in whichever HTTP was agreed."""

    async def converse(stream: Stream) -> None:
        if isinstance(stream, TlsStream) and stream.alpn == "h2":
            await serve_http2(stream, page(status, server))
        else:
            await _serve_http1(stream, status, server)

    return converse


async def serve_http2(stream: Stream, answer: Answer) -> None:
    """Converse in HTTP/2 until the client closes."""
    service = Http2Service(answer)
    await stream.send(service.opening())
    while data := await stream.read():
        await stream.send(service.receive(data))


async def _serve_http1(stream: Stream, status: int, server: str) -> None:
    head = await _read_head(stream)
    understood = head.split(b" ")[0] in {b"GET", b"HEAD", b"POST"}
    body = b"<html><body>Gatewatch fake</body></html>\n"
    headers = (
        ("Content-Type", "text/html"),
        ("Server", server),
        ("Connection", "close"),
        ("Content-Length", str(len(body))),
    )
    answer = Response(status, "As Told", headers) if understood else Response(400, "Bad", headers)
    await stream.send(build_response(answer, body))


async def _read_head(stream: Stream) -> bytes:
    """Take a request's head; or what came, where it is none."""
    head = b""
    while _END_OF_HEAD not in head and len(head) < _MOST_HEAD_BYTES:
        data = await stream.read()
        head += data
        if not data or not head[:1].isalpha():
            break
    return head
