"""The fast gRPC servers."""

import asyncio
import ssl
from collections.abc import Callable

import pytest

from probe.wire.http2 import GrpcAnswer, GrpcCall
from probe.wire.naming import name_answer
from tests.fakes.certificates import Certificate, trusting
from tests.fakes.clients import asked, connected
from tests.fakes.grpc import GrpcServer
from tests.fakes.streams import Address


def offering(*alpn: str) -> ssl.SSLContext:
    context = trusting()
    context.set_alpn_protocols(list(alpn))
    return context


async def called(address: Address, tls: ssl.SSLContext | None) -> GrpcAnswer:
    call = GrpcCall("localhost", "0.1.0")
    async with connected(address, tls) as (reader, writer):
        writer.write(call.opening())
        while not call.answer.decided:
            writer.write(call.receive(await reader.read(1000)))
    return call.answer


@pytest.mark.parametrize("server", [GrpcServer.answering, GrpcServer.answering_in_trailers])
async def test_one_answers_calls(server: Callable[[], GrpcServer]) -> None:
    async with server() as address:
        answer = await called(address, offering("h2", "http/1.1"))

    assert (answer.speaks_grpc, answer.grpc_status, answer.server) == (True, 12, "Kestrel")


async def test_one_answers_without_tls_and_sends_settings_to_anything() -> None:
    async with GrpcServer.without_tls() as address:
        assert (await called(address, None)).speaks_grpc
        first = await asked(address, b"GET / HTTP/1.1\r\n\r\n")

    assert name_answer(first).description == "an HTTP/2 server without TLS"


async def test_one_closes_where_http2_is_not_agreed() -> None:
    async with GrpcServer.answering() as address:
        assert await asked(address, b"GET / HTTP/1.1\r\n\r\n", trusting()) == b""


async def test_one_shows_a_wrong_certificate() -> None:
    async with GrpcServer.showing(Certificate.UNTRUSTED) as address:
        with pytest.raises(ssl.SSLCertVerificationError):
            await called(address, offering("h2"))


async def test_one_demands_a_client_certificate() -> None:
    async with GrpcServer.demanding_a_client_certificate() as address:
        with pytest.raises(ssl.SSLError) as refused:
            await asked(address, b"", offering("h2"))

    assert refused.value.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


async def test_one_falls_silent_after_the_handshake() -> None:
    async with (
        GrpcServer.silent_after_the_handshake() as address,
        connected(address, offering("h2")) as (reader, _),
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
