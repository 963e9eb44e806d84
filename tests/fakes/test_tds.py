"""SQL Servers that let nobody in."""

import asyncio
import ssl

import pytest

from probe.wire.tds import (
    ALPN,
    HEADER_BYTES,
    Encryption,
    PacketType,
    Prelogin,
    build_packet,
    build_prelogin,
    packet_length,
    read_packet,
    read_prelogin_answer,
)
from tests.fakes.certificates import trusting
from tests.fakes.clients import Connection, asked, connected
from tests.fakes.tds import TdsServer

LOGIN = b"\x10" + build_packet(PacketType.PRELOGIN, bytes(94))[1:]
LOGIN_FAILED = "Login failed".encode("utf-16-le")


async def packet(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(HEADER_BYTES)
    return header + await reader.readexactly(packet_length(header) - HEADER_BYTES)


async def prelogin(connection: Connection, encryption: Encryption = Encryption.OFF) -> Prelogin:
    reader, writer = connection
    writer.write(build_prelogin(encryption))
    return read_prelogin_answer(await packet(reader))


async def test_one_answers_with_its_version() -> None:
    async with TdsServer.answering() as address, connected(address) as connection:
        answer = await prelogin(connection)

    assert (answer.version, answer.encryption) == ("15.0.4298", Encryption.OFF)


# The table of ENCRYPTION, MS-TDS 2.2.6.5.
@pytest.mark.parametrize(
    ("asked_for", "configured", "agreed"),
    [
        (Encryption.OFF, Encryption.OFF, Encryption.OFF),
        (Encryption.ON, Encryption.OFF, Encryption.ON),
        (Encryption.NOT_SUPPORTED, Encryption.OFF, Encryption.NOT_SUPPORTED),
        (Encryption.OFF, Encryption.REQUIRED, Encryption.REQUIRED),
        (Encryption.ON, Encryption.REQUIRED, Encryption.ON),
        (Encryption.NOT_SUPPORTED, Encryption.REQUIRED, Encryption.REQUIRED),
        (Encryption.OFF, Encryption.NOT_SUPPORTED, Encryption.NOT_SUPPORTED),
        (Encryption.ON, Encryption.NOT_SUPPORTED, Encryption.NOT_SUPPORTED),
    ],
)
async def test_encryption_is_agreed_as_by_sql_server(
    asked_for: Encryption, configured: Encryption, agreed: Encryption
) -> None:
    server = TdsServer.answering(encryption=configured)
    async with server as address, connected(address) as connection:
        assert (await prelogin(connection, asked_for)).encryption is agreed


async def test_a_login_in_clear_fails() -> None:
    server = TdsServer.answering(encryption=Encryption.NOT_SUPPORTED)
    async with server as address, connected(address) as (reader, writer):
        await prelogin((reader, writer))
        writer.write(LOGIN)
        answer = read_packet(await packet(reader), PacketType.TABULAR_RESULT)

    assert answer[0] == 0xAA
    assert LOGIN_FAILED in answer


async def shaken(connection: Connection) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
    """Shake hands inside of PRELOGIN packets, as a client does."""
    reader, writer = connection
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            writer.write(build_packet(PacketType.PRELOGIN, outgoing.read()))
            incoming.write(read_packet(await packet(reader), PacketType.PRELOGIN))
        else:
            return tls, incoming, outgoing


async def test_tls_comes_inside_of_prelogin_packets_and_only_the_login_stays_in_it() -> None:
    async with TdsServer.answering() as address, connected(address) as (reader, writer):
        await prelogin((reader, writer))
        tls, _, outgoing = await shaken((reader, writer))
        tls.write(LOGIN)
        writer.write(outgoing.read())
        answer = read_packet(await packet(reader), PacketType.TABULAR_RESULT)

    assert tls.version() == "TLSv1.2"
    assert LOGIN_FAILED in answer


async def test_required_encryption_covers_the_answer_as_well() -> None:
    server = TdsServer.answering(encryption=Encryption.REQUIRED)
    async with server as address, connected(address) as (reader, writer):
        await prelogin((reader, writer))
        tls, incoming, outgoing = await shaken((reader, writer))
        tls.write(LOGIN)
        writer.write(outgoing.read())
        incoming.write(await reader.read())

    assert LOGIN_FAILED in tls.read()


async def test_a_strict_one_closes_on_a_clear_prelogin() -> None:
    async with TdsServer.strict() as address:
        assert await asked(address, build_prelogin()) == b""


async def test_a_strict_one_answers_inside_of_tls() -> None:
    client = trusting()
    client.set_alpn_protocols([ALPN])
    async with TdsServer.strict() as address, connected(address, client) as connection:
        assert (await prelogin(connection)).version == "16.0.1000"


async def test_a_strict_one_wants_its_own_protocol_in_tls() -> None:
    async with TdsServer.strict() as address:
        assert await asked(address, build_prelogin(), trusting()) == b""


@pytest.mark.parametrize("after", [0, 1, 8, 42])
async def test_one_closes_early(after: int) -> None:
    async with TdsServer.closing_early(after) as address:
        assert len(await asked(address, build_prelogin())) == after


async def test_what_is_no_tds_is_let_go() -> None:
    async with TdsServer.answering() as address:
        assert await asked(address, b"GET / HTTP/1.1\r\n\r\n") == b""
