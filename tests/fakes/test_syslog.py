"""Syslog receivers."""

import socket

import pytest

from probe.wire.syslog import build_frame
from tests.fakes.certificates import trusting
from tests.fakes.clients import connected
from tests.fakes.streams import TcpStream
from tests.fakes.syslog import Ending, SyslogServer

MESSAGE = b"<46>1 - - - - - - hello"


@pytest.mark.parametrize("secured", [False, True], ids=["TCP", "TLS"])
async def test_messages_are_kept_and_a_client_that_leaves_in_order_is_noted(secured: bool) -> None:
    server = SyslogServer.over_tls() if secured else SyslogServer.over_tcp()
    async with server as address:
        async with connected(address, trusting() if secured else None) as (_, writer):
            writer.write(build_frame(MESSAGE) + build_frame(b"second"))
            assert await server.received.get() == MESSAGE
            assert await server.received.get() == b"second"

        assert await server.endings.get() is Ending.IN_ORDER
    assert server.junk == []


async def test_a_client_without_a_message_leaves_no_junk() -> None:
    server = SyslogServer.over_tcp()
    async with server as address:
        async with connected(address):
            pass
        assert await server.endings.get() is Ending.IN_ORDER

    assert server.junk == []


@pytest.mark.parametrize("secured", [False, True], ids=["TCP", "TLS"])
async def test_a_client_that_resets_is_noted(secured: bool) -> None:
    server = SyslogServer.over_tls() if secured else SyslogServer.over_tcp()
    async with (
        server as address,
        connected(address, trusting() if secured else None) as (reader, writer),
    ):
        writer.write(build_frame(MESSAGE))
        assert await server.received.get() == MESSAGE
        TcpStream(reader, writer).reset()
        assert await server.endings.get() is Ending.CUT_OFF


async def test_tls_that_ends_without_close_notify_is_noted() -> None:
    server = SyslogServer.over_tls()
    async with server as address, connected(address, trusting()) as (_, writer):
        writer.write(build_frame(MESSAGE))
        assert await server.received.get() == MESSAGE
        writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        assert await server.endings.get() is Ending.CUT_OFF


async def test_junk_is_kept_as_junk() -> None:
    server = SyslogServer.over_tcp()
    async with server as address:
        async with connected(address) as (_, writer):
            writer.write(b"\x16\x03\x01\x02\x00")
        await server.endings.get()

    assert server.junk == [b"\x16\x03\x01\x02\x00"]


async def test_a_message_that_does_not_come_whole_is_junk() -> None:
    server = SyslogServer.over_tcp()
    async with server as address:
        async with connected(address) as (_, writer):
            writer.write(build_frame(MESSAGE)[:-1])
        await server.endings.get()

    assert server.junk == [build_frame(MESSAGE)[:-1]]


async def test_datagrams_are_kept() -> None:
    server = SyslogServer.over_udp()
    async with server as address:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(MESSAGE, address)
        assert await server.received.get() == MESSAGE
