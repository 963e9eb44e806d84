"""SQL Server Browsers."""

import asyncio
import socket

import pytest

from probe.wire.ssrp import (
    build_dac_request,
    build_instance_request,
    build_instances_request,
    read_dac_port,
    read_instances,
)
from tests.fakes.ssrp import DEFAULT, NAMED, SsrpServer
from tests.fakes.streams import Address


async def answer_of(address: Address, question: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(address)
        client.send(question)
        return await asyncio.get_running_loop().sock_recv(client, 65536)


async def test_one_tells_what_it_knows() -> None:
    async with SsrpServer.knowing(dac_port=1434) as address:
        everything = read_instances(await answer_of(address, build_instances_request()))
        named = read_instances(await answer_of(address, build_instance_request("ses")))
        dac = read_dac_port(await answer_of(address, build_dac_request("SES")))

    assert everything == (DEFAULT, NAMED)
    assert named == (NAMED,)
    assert dac == 1434


@pytest.mark.parametrize(
    "question", [b"", b"\xff", build_instance_request("NOPE"), build_dac_request("SES")]
)
async def test_one_keeps_silent_where_it_knows_nothing(question: bytes) -> None:
    server = SsrpServer.knowing()
    async with server as address:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect(address)
            client.send(question)

            assert await server.received.get() == question
            with pytest.raises(BlockingIOError):
                client.recv(1)


async def test_one_is_silent() -> None:
    server = SsrpServer.silent()
    async with server as address:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await answer_of(address, build_instances_request())
