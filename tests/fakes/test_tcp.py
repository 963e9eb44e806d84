"""TCP servers that behave well or badly."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from tests.fakes.clients import asked, connected
from tests.fakes.streams import LOOPBACK_IPV6
from tests.fakes.tcp import MEGABYTE, ClosedPort, FullBacklog, TcpServer


async def test_one_accepts_and_keeps_silent() -> None:
    async with TcpServer.accepting() as address, connected(address) as (reader, writer):
        writer.write(b"anybody there?")

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)


async def test_one_closes_at_once() -> None:
    async with TcpServer.closing() as address:
        assert await asked(address, b"") == b""


@pytest.mark.parametrize("server", [TcpServer.resetting, TcpServer.resetting_when_asked])
async def test_one_resets(server: Callable[[], TcpServer]) -> None:
    async with server() as address:
        with pytest.raises(ConnectionResetError):
            await asked(address, b"anybody there?")


async def test_one_speaks_unasked() -> None:
    banner = b"SSH-2.0-OpenSSH_9.2\r\n"
    async with TcpServer.speaking(banner) as address, connected(address) as (reader, _):
        assert await reader.readexactly(len(banner)) == banner


async def test_one_answers_whatever_it_is_asked() -> None:
    async with TcpServer.answering(b"yes") as address, connected(address) as (reader, writer):
        writer.write(b"?")
        assert await reader.readexactly(3) == b"yes"


async def test_one_cuts_its_answer_short() -> None:
    async with TcpServer.closing_after(b"ye") as address:
        assert await asked(address, b"?") == b"ye"


async def test_one_dribbles() -> None:
    async with (
        TcpServer.dribbling(b"abc", tick_seconds=0.01) as address,
        connected(address) as (reader, _),
    ):
        assert [await reader.read(10) for _ in range(3)] == [b"a", b"b", b"c"]


async def test_one_answers_a_megabyte() -> None:
    async with (
        TcpServer.sending_a_megabyte(b"HTTP/1.1 ") as address,
        connected(address) as (reader, writer),
    ):
        writer.write(b"?")
        answer = await reader.readexactly(MEGABYTE)

    assert answer.startswith(b"HTTP/1.1 xxx")


@pytest.mark.parametrize("bind", [pytest.param(None, id="IPv4"), pytest.param("::1", id="IPv6")])
async def test_a_full_backlog_lets_nobody_in(bind: str | None) -> None:
    backlog = FullBacklog(bind=LOOPBACK_IPV6) if bind else FullBacklog()
    async with backlog as address:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asyncio.open_connection(*address)


async def test_a_closed_tcp_port_refuses() -> None:
    async with ClosedPort.tcp() as address:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_closed_udp_port_refuses(family: socket.AddressFamily) -> None:
    closed = ClosedPort.udp(bind=LOOPBACK_IPV6) if family is socket.AF_INET6 else ClosedPort.udp()
    async with closed as address:
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.connect(address)
            client.send(b"?")

            with pytest.raises(ConnectionRefusedError):
                client.recv(1)
