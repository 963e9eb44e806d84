"""HTTP/2: one unary gRPC call to a method that does not exist, and what the answer shows.

RFC 9113 3.4 (preface), 4.1 (frames), 6.5 and 6.8 (SETTINGS, GOAWAY); gRPC over HTTP/2 for the call.
A gRPC server answers `application/grpc` with a grpc-status, as a rule 12 (UNIMPLEMENTED); a web
server that speaks HTTP/2, http.sys among them, answers a page. No service does any work for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from probe.wire import WireError
from probe.wire.authority import checked

ALPN = "h2"
METHOD = "/gatewatch.probe.v1.Nothing/Ask"
MOST_ANSWER_BYTES = 64 * 1024
"""An answer that says nothing within that many bytes is none."""
FRAME_HEADER_BYTES = 9
MOST_FRAME_BYTES = 16384
"""SETTINGS_MAX_FRAME_SIZE as it is unless the receiver raises it, which we do not."""
_SETTINGS_FRAME = 4
_EMPTY_MESSAGE = bytes(5)
"""Not compressed, length 0."""
_GRPC = "application/grpc"
_MOST_KEPT_CHARACTERS = 256
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class GrpcAnswer:
    """What the server has shown so far."""

    settings_seen: bool = False
    """It sent SETTINGS first: it does speak HTTP/2."""
    status: int | None = None
    """HTTP status."""
    content_type: str | None = None
    server: str | None = None
    grpc_status: int | None = None
    ended: bool = False
    reset_code: int | None = None
    """It gave the call up (RST_STREAM)."""
    goaway_code: int | None = None
    """It gave the connection up."""

    @property
    def claims_grpc(self) -> bool:
        """Say whether the content type is gRPC's."""
        return (self.content_type or "").lower().startswith(_GRPC)

    @property
    def speaks_grpc(self) -> bool:
        """Say whether a gRPC server answered, whatever it thinks of the method."""
        return self.claims_grpc and self.grpc_status is not None

    @property
    def decided(self) -> bool:
        """Say whether nothing more is worth waiting for."""
        given_up = self.reset_code is not None or self.goaway_code is not None
        page = self.status is not None and not self.claims_grpc
        return self.speaks_grpc or page or self.ended or given_up


class GrpcCall:
    """One call on one connection: send `opening`, feed `receive` until the answer is decided."""

    __slots__ = ("_connection", "_pending", "_taken", "answer")

    def __init__(self, authority: str, version: str) -> None:
        """Prepare the call. Raises ValueError for an authority that cannot stand in a request."""
        self.answer = GrpcAnswer()
        self._pending = bytearray()
        self._taken = 0
        self._connection = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._connection.local_settings = Settings(
            client=True, initial_values={SettingCodes.ENABLE_PUSH: 0}
        )
        self._connection.initiate_connection()
        self._connection.send_headers(1, _request(checked(authority), version))
        self._connection.send_data(1, _EMPTY_MESSAGE, end_stream=True)

    def opening(self) -> bytes:
        """Write what goes first: preface, SETTINGS, and the whole request."""
        return self._connection.data_to_send()

    def receive(self, data: bytes) -> bytes:
        """Take more bytes; give what must be sent back at once, often nothing.

        Once the answer is decided the rest is ignored. Raises WireError where this is not HTTP/2,
        breaks its rules, or decides nothing within 64 KiB.
        """
        if not self.answer.decided:
            self._pending += data[: max(0, MOST_ANSWER_BYTES - self._taken)]
        while not self.answer.decided and (frame := self._next_frame()):
            self._handle(frame)
        self._taken += len(data)
        if self._taken > MOST_ANSWER_BYTES and not self.answer.decided:
            raise WireError(f"HTTP/2 answer says nothing within {MOST_ANSWER_BYTES} bytes")
        return self._connection.data_to_send()

    def closing(self) -> bytes:
        """Write the GOAWAY that ends the connection in order."""
        self._connection.close_connection()
        return self._connection.data_to_send()

    def _next_frame(self) -> bytes:
        """Cut a whole frame off what was received; nothing while there is none.

        Frames go to h2 one by one, so that an answer does not depend on how the network cut it,
        and nothing larger than a frame is ever kept.
        """
        pending = self._pending
        if len(pending) < FRAME_HEADER_BYTES:
            return b""
        length = int.from_bytes(pending[:3], "big")
        if not self.answer.settings_seen and pending[3] != _SETTINGS_FRAME:
            raise WireError(f"answer begins with 0x{pending[:16].hex()}, not with SETTINGS")
        if length > MOST_FRAME_BYTES:
            raise WireError(
                f"HTTP/2 frame of {length} bytes, at most {MOST_FRAME_BYTES} are allowed"
            )
        end = FRAME_HEADER_BYTES + length
        if len(pending) < end:
            return b""
        frame = bytes(pending[:end])
        del pending[:end]
        return frame

    def _handle(self, frame: bytes) -> None:
        try:
            events = self._connection.receive_data(frame)
        except H2Error as wrong:
            raise WireError(f"HTTP/2 answer breaks the protocol: {wrong}") from wrong
        for event in events:
            self.answer = _after(self.answer, event)


def _request(authority: str, version: str) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", METHOD),
        (":authority", authority),
        ("content-type", _GRPC),
        ("te", "trailers"),
        ("user-agent", f"gatewatch-probe/{version}"),
    ]


def _after(answer: GrpcAnswer, event: Event) -> GrpcAnswer:
    """Add to an answer what an event shows."""
    match event:
        case RemoteSettingsChanged():
            return replace(answer, settings_seen=True)
        case ResponseReceived(headers=headers) | TrailersReceived(headers=headers):
            return _with_headers(answer, headers)
        case StreamEnded():
            return replace(answer, ended=True)
        case StreamReset(error_code=code):
            return replace(answer, reset_code=int(code))
        case ConnectionTerminated(error_code=code):
            return replace(answer, goaway_code=int(code or 0))
        case _:
            return answer


def _with_headers(answer: GrpcAnswer, headers: Iterable[tuple[bytes, bytes]]) -> GrpcAnswer:
    """Add what headers or trailers show; what was shown before stays."""
    shown = {name.decode("latin-1"): _text(value) for name, value in headers}
    return replace(
        answer,
        status=_number(shown.get(":status")) if answer.status is None else answer.status,
        content_type=answer.content_type or shown.get("content-type"),
        server=answer.server or shown.get("server"),
        grpc_status=_number(shown.get("grpc-status")),
    )


def _text(value: bytes) -> str:
    return _UNPRINTABLE.sub("?", value[:_MOST_KEPT_CHARACTERS].decode("latin-1"))


def _number(text: str | None) -> int | None:
    """Read a status of up to three digits; None where it is none."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,3}", text) else None
