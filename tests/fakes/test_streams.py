"""The servers that all fakes are made of."""

import asyncio
import ssl

import pytest

from tests.fakes.certificates import Tls, trusting
from tests.fakes.clients import asked, connected
from tests.fakes.streams import LOOPBACK_IPV6, Address, Stream, StreamServer, TlsStream


async def echo(stream: Stream) -> None:
    await stream.send(await stream.exactly(4))


async def test_a_server_counts_its_clients() -> None:
    server = StreamServer(echo)

    async with server as address:
        answers = [await asked(address, b"ping"), await asked(address, b"pong")]

    assert answers == [b"ping", b"pong"]
    assert server.connections == 2


async def test_it_listens_where_it_is_told() -> None:
    async with StreamServer(echo, bind=LOOPBACK_IPV6) as address:
        assert address.host == "::1"
        assert await asked(address, b"ping") == b"ping"
    async with StreamServer(echo, bind=Address("127.0.0.2", address.port)) as fixed:
        assert fixed == ("127.0.0.2", address.port)


async def test_leaving_ends_every_conversation_and_frees_the_port() -> None:
    async def wait(stream: Stream) -> None:
        await stream.send(b"x" * 2**24)

    server = StreamServer(wait)
    async with server as address, connected(address) as (reader, _):
        await reader.readexactly(1)
        await server.__aexit__(None, None, None)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)


async def test_a_client_that_says_too_little_is_let_go() -> None:
    async with StreamServer(echo) as address, connected(address) as (reader, writer):
        writer.write(b"pi")
        writer.write_eof()
        assert await reader.read() == b""


async def test_bytes_can_be_looked_at_before_they_are_taken() -> None:
    async def look(stream: Stream) -> None:
        await stream.send(await stream.peek(2) + await stream.read())

    async with StreamServer(look) as address:
        assert await asked(address, b"ping") == b"piping"


async def test_tls_carries_a_conversation_and_tells_how_it_ended() -> None:
    endings: asyncio.Queue[tuple[str | None, bool]] = asyncio.Queue()

    async def note(stream: Stream) -> None:
        assert isinstance(stream, TlsStream)
        await echo(stream)
        await stream.to_the_end()
        endings.put_nowait((stream.alpn, stream.ended_in_order))

    client = trusting()
    client.set_alpn_protocols(["h2"])
    async with StreamServer(note, tls=Tls(alpn=("h2",))) as address:
        async with connected(address, client) as (reader, writer):
            writer.write(b"ping")
            assert await reader.readexactly(4) == b"ping"
        assert await endings.get() == ("h2", True)
        async with connected(address, client) as (reader, writer):
            writer.write(b"ping")
            assert await reader.readexactly(4) == b"ping"
            writer.transport.abort()
            assert await endings.get() == ("h2", False)


async def test_a_failed_handshake_ends_with_its_alert() -> None:
    old = ssl.create_default_context()
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_alpn_protocols(["tds/8.0"])
    async with StreamServer(echo, tls=Tls(client_certificate=True)) as address:
        old.maximum_version = ssl.TLSVersion.TLSv1_2

        with pytest.raises(ssl.SSLError) as refused:
            await asked(address, b"ping", old)

    assert refused.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE"
