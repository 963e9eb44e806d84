"""HTTP/2, the server's side: give every request the same answer. For fakes and the demo.

RFC 9113. A gRPC server and a web server differ in nothing but that answer.
"""

from dataclasses import dataclass

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.exceptions import H2Error

from probe.wire import WireError

UNIMPLEMENTED = 12
"""The grpc-status of a method that does not exist."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to each request."""

    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()


def grpc_answer(server: str = "Kestrel", status: int = UNIMPLEMENTED) -> Answer:
    """Say what a gRPC server says of a method that it does not know: no body, no trailers."""
    return Answer(
        (
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("server", server),
            ("grpc-status", str(status)),
        )
    )


def grpc_answer_in_trailers(server: str = "Kestrel", status: int = UNIMPLEMENTED) -> Answer:
    """Say the same as servers do that had begun to answer: the status comes last."""
    headers = ((":status", "200"), ("content-type", "application/grpc"), ("server", server))
    return Answer(headers, trailers=(("grpc-status", str(status)),))


def page(status: int = 404, server: str = "Microsoft-HTTPAPI/2.0") -> Answer:
    """Say what a web server says: a page."""
    body = b"<html><body>Not here</body></html>"
    headers = ((":status", str(status)), ("content-type", "text/html"), ("server", server))
    return Answer(headers, body)


class Http2Service:
    """One connection: send `opening`, and what `receive` gives for what comes in."""

    __slots__ = ("_answer", "_connection")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._connection = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._connection.initiate_connection()

    def opening(self) -> bytes:
        """Write the SETTINGS that a server sends unasked."""
        return self._connection.data_to_send()

    def receive(self, data: bytes) -> bytes:
        """Take bytes of a client; give what to send. Raises WireError where it is no HTTP/2."""
        try:
            for event in self._connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    self._respond(event.stream_id)
        except H2Error as wrong:
            raise WireError(f"HTTP/2 request breaks the protocol: {wrong}") from wrong
        return self._connection.data_to_send()

    def _respond(self, stream: int) -> None:
        answer = self._answer
        alone = not answer.body and not answer.trailers
        self._connection.send_headers(stream, answer.headers, end_stream=alone)
        if answer.body:
            self._connection.send_data(stream, answer.body, end_stream=not answer.trailers)
        if answer.trailers:
            self._connection.send_headers(stream, answer.trailers, end_stream=True)
