"""UDP servers that answer or keep silent."""

import asyncio
import socket

import pytest

from tests.fakes.streams import LOOPBACK, LOOPBACK_IPV6, Address
from tests.fakes.udp import UdpServer


def client_of(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.setblocking(False)
    client.connect(address)
    return client


@pytest.mark.parametrize("bind", [LOOPBACK, LOOPBACK_IPV6])
async def test_one_answers(bind: Address) -> None:
    server = UdpServer.answering(b"yes", bind=bind)
    async with server as address:
        with client_of(address) as client:
            client.send(b"?")
            assert await asyncio.get_running_loop().sock_recv(client, 10) == b"yes"

    assert server.received.get_nowait() == b"?"


async def test_one_keeps_silent_and_remembers() -> None:
    server = UdpServer.silent()
    async with server as address:
        with client_of(address) as client:
            client.send(b"")
            client.send(b"?")

            assert [await server.received.get(), await server.received.get()] == [b"", b"?"]
            with pytest.raises(BlockingIOError):
                client.recv(1)
