"""Web servers and their ways to fail at TLS."""

import asyncio
import ssl

import pytest

from probe.wire.http1 import Response, ResponseReader, build_request
from probe.wire.http2 import GrpcCall
from tests.fakes.certificates import Certificate, present, trusting
from tests.fakes.clients import asked, connected
from tests.fakes.https import HTTP_SYS, HttpServer, HttpsServer

REQUEST = build_request("localhost", "0.1.0")


def read(answer: bytes) -> Response:
    response = ResponseReader().feed(answer)
    assert response is not None
    return response


async def test_one_answers_without_tls() -> None:
    async with HttpServer.answering(404, "nginx") as address:
        response = read(await asked(address, REQUEST))

    assert (response.status, response.header("server")) == (404, "nginx")


async def test_one_answers_with_tls() -> None:
    async with HttpsServer.answering(403) as address:
        response = read(await asked(address, REQUEST, trusting()))

    assert (response.status, response.header("server")) == (403, HTTP_SYS)


async def test_one_answers_in_http2_where_that_was_agreed() -> None:
    client = trusting()
    client.set_alpn_protocols(["h2", "http/1.1"])
    call = GrpcCall("localhost", "0.1.0")
    async with (
        HttpsServer.answering(404, alpn=("h2", "http/1.1")) as address,
        connected(address, client) as (reader, writer),
    ):
        writer.write(call.opening())
        while not call.answer.decided:
            writer.write(call.receive(await reader.read(1000)))

    assert (call.answer.status, call.answer.server) == (404, HTTP_SYS)
    assert not call.answer.speaks_grpc


async def test_what_is_no_request_is_a_bad_one() -> None:
    async with HttpServer.answering() as address:
        assert read(await asked(address, b"\x12\x01\x00\x2f")).status == 400


@pytest.mark.parametrize(
    ("certificate", "code"),
    [(Certificate.EXPIRED, 10), (Certificate.UNTRUSTED, 20), (Certificate.WRONG_NAME, 62)],
)
async def test_one_shows_a_wrong_certificate(certificate: Certificate, code: int) -> None:
    async with HttpsServer.showing(certificate) as address:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await asked(address, REQUEST, trusting())

    assert refused.value.verify_code == code


async def test_one_demands_a_client_certificate() -> None:
    with_certificate = trusting()
    present(with_certificate)
    async with HttpsServer.demanding_a_client_certificate() as address:
        assert read(await asked(address, REQUEST, with_certificate)).status == 200
        with pytest.raises(ssl.SSLError) as refused:
            await asked(address, REQUEST, trusting())

    assert refused.value.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


async def test_one_speaks_old_tls_only() -> None:
    async with HttpsServer.speaking_old_tls_only() as address:
        with pytest.raises(ssl.SSLError) as refused:
            await asked(address, REQUEST, trusting())

    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


async def test_one_falls_silent_after_the_handshake() -> None:
    async with (
        HttpsServer.silent_after_the_handshake() as address,
        connected(address, trusting()) as (reader, writer),
    ):
        writer.write(REQUEST)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)


async def test_one_closes_after_the_handshake() -> None:
    async with HttpsServer.closing_after_the_handshake() as address:
        assert await asked(address, REQUEST, trusting()) == b""


async def test_one_answers_any_bytes() -> None:
    async with (
        HttpsServer.answering_bytes(b"SSH-2.0-x\r\n") as address,
        connected(address, trusting()) as (reader, writer),
    ):
        writer.write(REQUEST)
        assert await reader.readline() == b"SSH-2.0-x\r\n"
