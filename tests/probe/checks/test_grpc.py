"""gRPC servers, and web servers that speak HTTP/2 like them."""

from collections.abc import Callable

import pytest
from hyperframe.frame import GoAwayFrame, RstStreamFrame, SettingsFrame

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from probe.wire.http2_service import Answer, Http2Service, page
from tests.fakes.certificates import Tls
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpsServer, serve_http2
from tests.fakes.streams import Stream, StreamServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured

H2 = ("h2",)
SETTINGS = SettingsFrame().serialize()


def a_server_that_answers(answer: Answer) -> StreamServer:
    return StreamServer(lambda stream: serve_http2(stream, answer), tls=Tls(alpn=H2))


@pytest.mark.parametrize("status", [0, 7, 12, 16])
@pytest.mark.parametrize("answering", [GrpcServer.answering, GrpcServer.answering_in_trailers])
async def test_a_grpc_server_is_known_by_its_status(
    answering: Callable[[int], GrpcServer], status: int
) -> None:
    async with answering(status) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert seen.detail == f"grpc-status {status} from Kestrel"
    assert (seen.answered_by, seen.status, seen.server) == (AnsweredBy.GRPC, status, "Kestrel")
    assert (seen.alpn, seen.tls_version) == ("h2", "TLSv1.3")


async def test_a_web_server_that_speaks_http2_is_no_grpc_server() -> None:
    async with a_server_that_answers(page(404, "Microsoft-HTTPAPI/2.0")) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.answered_by, seen.status) == (AnsweredBy.HTTPS, 404)
    assert seen.server == "Microsoft-HTTPAPI/2.0"
    assert seen.detail == "HTTP status 404 from Microsoft-HTTPAPI/2.0"


async def test_grpc_without_a_status_is_not_taken_at_its_word() -> None:
    answer = Answer(((":status", "200"), ("content-type", "application/grpc")))
    async with a_server_that_answers(answer) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.detail == "it began to answer in gRPC and gave no grpc-status"


@pytest.mark.parametrize(
    ("answer", "answered_by", "detail"),
    [
        (GoAwayFrame(error_code=13).serialize(), AnsweredBy.HTTPS, "it asks for HTTP/1.1"),
        (RstStreamFrame(1, error_code=13).serialize(), AnsweredBy.HTTPS, "it asks for HTTP/1.1"),
        (
            GoAwayFrame(error_code=11).serialize(),
            AnsweredBy.TLS,
            "it speaks HTTP/2 and gave the call up without an answer (error 11)",
        ),
        (
            RstStreamFrame(1, error_code=7).serialize(),
            AnsweredBy.TLS,
            "it speaks HTTP/2 and gave the call up without an answer (error 7)",
        ),
    ],
)
async def test_who_gives_the_call_up_has_not_shown_what_it_is(
    answer: bytes, answered_by: AnsweredBy, detail: str
) -> None:
    async with HttpsServer.answering_bytes(SETTINGS + answer, alpn=H2) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.answered_by, seen.detail) == (Outcome.OPEN, answered_by, detail)


@pytest.mark.parametrize(
    ("answer", "answered_by", "who"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", AnsweredBy.HTTPS, "an HTTP server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", AnsweredBy.OTHER, "an SSH server"),
        (SETTINGS + b"\xff" * 64, AnsweredBy.HTTPS, "an HTTP/2 server"),
        (b"x" * 2**20, AnsweredBy.OTHER, "an unknown service"),
    ],
)
async def test_what_agrees_to_http2_and_speaks_something_else_is_named(
    answer: bytes, answered_by: AnsweredBy, who: str
) -> None:
    async with HttpsServer.answering_bytes(answer, alpn=H2) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, answered_by)
    assert seen.detail.startswith(f"answered by {who}")


async def test_a_door_that_closes_after_the_settings_leaves_a_tls_server() -> None:
    opening = Http2Service(page()).opening()

    async def converse(stream: Stream) -> None:
        await stream.read()
        await stream.send(opening)

    async with StreamServer(converse, tls=Tls(alpn=H2)) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert "in the middle of its answer" in seen.detail


async def test_silence_after_the_handshake_hangs() -> None:
    async with GrpcServer.silent_after_the_handshake() as address:
        seen = await measured(check_of(address, Service.GRPC, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.PROTOCOL)


async def test_a_demand_for_a_client_certificate_is_a_sign_of_life() -> None:
    async with GrpcServer.demanding_a_client_certificate() as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.answered_by, seen.client_certificate) == (AnsweredBy.TLS, True)
