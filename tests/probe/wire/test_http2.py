"""One gRPC call, and what its answer shows."""

from contextlib import suppress

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
)

from probe.wire import WireError
from probe.wire.http2 import METHOD, MOST_ANSWER_BYTES, MOST_FRAME_BYTES, GrpcAnswer, GrpcCall
from probe.wire.http2_service import (
    Answer,
    Http2Service,
    grpc_answer,
    grpc_answer_in_trailers,
    page,
)
from tests.probe.wire.packets import names, packet, truncations

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = SettingsFrame().serialize()
BAD_HEADERS = HeadersFrame(1, b"\xff" * 4, flags=["END_HEADERS"])
GRPC = [name for name in names("http2-grpcio") if not name.endswith("unasked")]


def call() -> GrpcCall:
    return GrpcCall("localhost", "0.1.0")


def answered(*pieces: bytes) -> GrpcAnswer:
    asked = call()
    asked.opening()
    for piece in pieces:
        asked.receive(piece)
    return asked.answer


def said_by(answer: Answer) -> bytes:
    """Say what our own service sends to a call."""
    service = Http2Service(answer)
    return service.opening() + service.receive(call().opening())


def test_the_request_is_a_whole_call_of_a_method_that_does_not_exist() -> None:
    server = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))

    events = server.receive_data(GrpcCall("[fd00::11]:8443", "0.1.0").opening())

    (request,) = [event for event in events if isinstance(event, RequestReceived)]
    (data,) = [event for event in events if isinstance(event, DataReceived)]
    assert {str(name): str(value) for name, value in request.headers} == {
        ":method": "POST",
        ":scheme": "https",
        ":path": "/gatewatch.probe.v1.Nothing/Ask",
        ":authority": "[fd00::11]:8443",
        "content-type": "application/grpc",
        "te": "trailers",
        "user-agent": "gatewatch-probe/0.1.0",
    }
    assert METHOD == "/gatewatch.probe.v1.Nothing/Ask"
    assert data.data == bytes(5)
    assert any(isinstance(event, StreamEnded) for event in events)


def test_the_request_never_changes() -> None:
    assert call().opening() == packet("http2-request")
    assert call().opening().startswith(PREFACE + b"\x00\x00")


def test_nobody_is_invited_to_push() -> None:
    settings, _ = Frame.parse_frame_header(memoryview(call().opening()[24:33]))
    settings.parse_body(memoryview(call().opening()[33 : 33 + 30]))

    assert isinstance(settings, SettingsFrame)
    assert settings.settings[SettingsFrame.ENABLE_PUSH] == 0


@pytest.mark.parametrize("authority", ["", "a b", "a\r\nb", "a\0", "é"])
def test_no_authority_can_add_to_the_request(authority: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in an HTTP request"):
        GrpcCall(authority, "0.1.0")


@pytest.mark.parametrize(
    ("name", "grpc_status"),
    [
        ("http2-grpcio-unimplemented", 12),
        ("http2-grpcio-clear-unimplemented", 12),
        ("http2-grpcio-abort-in-trailers", 7),
    ],
)
def test_grpcio_is_a_grpc_server(name: str, grpc_status: int) -> None:
    answer = answered(packet(name))

    assert answer == GrpcAnswer(
        settings_seen=True,
        status=200,
        content_type="application/grpc",
        grpc_status=grpc_status,
        ended=True,
    )
    assert answer.speaks_grpc
    assert answer.decided


def test_nginx_is_a_web_server() -> None:
    answer = answered(packet("http2-nginx-404"))

    assert (answer.status, answer.content_type, answer.server) == (404, "text/html", "nginx/1.22.1")
    assert answer.decided
    assert not answer.speaks_grpc


@pytest.mark.parametrize("name", names("http2-grpcio") + names("http2-nginx"))
def test_it_does_not_matter_how_the_network_cut_an_answer(name: str) -> None:
    data = packet(name)

    assert answered(*(bytes((byte,)) for byte in data)) == answered(data)


@pytest.mark.parametrize("name", GRPC)
def test_a_truncated_answer_is_never_another_answer(name: str) -> None:
    whole = answered(packet(name))

    for cut in truncations(packet(name)):
        seen = answered(cut)
        assert seen == whole or not seen.decided


@pytest.mark.parametrize(
    ("service", "speaks_grpc", "status"),
    [
        (grpc_answer(), True, 12),
        (grpc_answer(status=0), True, 0),
        (grpc_answer_in_trailers(), True, 12),
        (page(), False, None),
    ],
)
def test_our_own_services_are_told_apart(
    service: Answer, speaks_grpc: bool, status: int | None
) -> None:
    answer = answered(said_by(service))

    assert (answer.speaks_grpc, answer.grpc_status) == (speaks_grpc, status)
    assert answer.server == dict(service.headers)["server"]


def test_settings_are_acknowledged_and_pings_answered() -> None:
    asked = call()
    asked.opening()

    assert asked.receive(SETTINGS) == SettingsFrame(flags=["ACK"]).serialize()
    ping = PingFrame(opaque_data=b"12345678")
    assert asked.receive(ping.serialize()).endswith(b"12345678")
    assert asked.answer == GrpcAnswer(settings_seen=True)
    assert not asked.answer.decided


def test_giving_up_is_seen() -> None:
    reset = RstStreamFrame(1, error_code=7).serialize()
    goaway = GoAwayFrame(error_code=11).serialize()

    assert answered(SETTINGS, reset).reset_code == 7
    assert answered(SETTINGS, goaway).goaway_code == 11
    assert answered(SETTINGS, reset).decided
    assert answered(SETTINGS, goaway).decided


@pytest.mark.parametrize(
    ("headers", "speaks_grpc", "decided"),
    [
        ((("content-type", "application/grpc+proto"), ("grpc-status", "12")), True, True),
        ((("content-type", "Application/GRPC"), ("grpc-status", "12")), True, True),
        ((("content-type", "application/grpc"), ("grpc-status", "no")), False, False),
        ((("content-type", "application/grpc"), ("grpc-status", "1234")), False, False),
        ((("content-type", "text/plain"), ("grpc-status", "12")), False, True),
        ((), False, True),
    ],
)
def test_only_content_type_and_status_together_make_a_grpc_server(
    headers: tuple[tuple[str, str], ...], speaks_grpc: bool, decided: bool
) -> None:
    answer = answered(said_by(Answer(((":status", "200"), *headers), body=b"x", trailers=()))[:-10])

    assert (answer.speaks_grpc, answer.decided) == (speaks_grpc, decided)


def test_what_a_server_calls_itself_is_kept_printable_and_short() -> None:
    headers = ((":status", "200"), ("server", "a\x1b[31m" + "x" * 5000))

    answer = answered(said_by(Answer(headers)))

    assert answer.server is not None
    assert answer.server.startswith("a?[31mxxx")
    assert len(answer.server) == 256


@pytest.mark.parametrize(
    ("pieces", "complaint"),
    [
        ((b"HTTP/1.1 400 Bad Request\r\n",), "begins with 0x485454502f312e3120343030"),
        ((b"\x04\x01\x00\x2b\x00\x00\x01\x00\x00",), "not with SETTINGS"),
        ((PingFrame().serialize(),), "not with SETTINGS"),
        (((MOST_FRAME_BYTES + 1).to_bytes(3, "big") + b"\x04\0\0\0\0\0",), "frame of 16385 bytes"),
        ((SETTINGS, b"\xff\xff\xff\x00\x00\x00\x00\x00\x01"), "frame of 16777215 bytes"),
        ((SETTINGS, DataFrame(3, b"x").serialize()), "breaks the protocol"),
        ((SETTINGS, BAD_HEADERS.serialize()), "breaks the protocol"),
        ((SETTINGS, ContinuationFrame(1, b"x").serialize()), "breaks the protocol"),
        ((SETTINGS, b"\x00\x00\x01\x04\x00\x00\x00\x00\x00x"), "breaks the protocol"),
    ],
)
def test_what_is_no_http2_is_refused_in_words(pieces: tuple[bytes, ...], complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        answered(*pieces)


def test_a_flood_that_says_nothing_is_refused_and_not_kept() -> None:
    asked = call()
    asked.opening()

    with pytest.raises(WireError, match="says nothing within 65536 bytes"):
        asked.receive(SETTINGS + PingFrame().serialize() * 2**16)

    assert len(asked._pending) <= MOST_ANSWER_BYTES
    with pytest.raises(WireError, match="says nothing within 65536 bytes"):
        asked.receive(PingFrame().serialize())


def test_an_answer_that_came_whole_is_not_spoilt_by_what_follows() -> None:
    answer = answered(said_by(page()) + b"\xff" * 2**20, b"\xff" * 2**20)

    assert answer.status == 404


def test_the_connection_is_ended_in_order() -> None:
    asked = call()
    asked.opening()
    asked.receive(SETTINGS)

    goaway, _ = Frame.parse_frame_header(memoryview(asked.closing()[:9]))

    assert isinstance(goaway, GoAwayFrame)


@pytest.mark.parametrize(
    "last", [GoAwayFrame().serialize(), b"\x00\x00\x01\x04\x00\x00\x00\x00\x00x"]
)
def test_it_can_be_ended_after_anything(last: bytes) -> None:
    asked = call()
    asked.opening()
    with suppress(WireError):
        asked.receive(SETTINGS + last)

    assert isinstance(asked.closing(), bytes)
