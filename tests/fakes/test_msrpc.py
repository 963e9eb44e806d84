"""DCE/RPC servers."""

import asyncio
from collections.abc import Callable

import pytest

from probe.wire import WireError
from probe.wire.dcerpc import Answer, build_bind, fragment_length, read_answer
from tests.fakes.clients import connected
from tests.fakes.msrpc import MsrpcServer
from tests.fakes.streams import Address


async def bound(address: Address) -> Answer:
    async with connected(address) as (reader, writer):
        writer.write(build_bind())
        header = await reader.readexactly(16)
        return read_answer(header + await reader.readexactly(fragment_length(header) - 16))


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (MsrpcServer.accepting, "bind accepted"),
        (
            MsrpcServer.rejecting_the_interface,
            "bind answered, interface rejected: abstract syntax not supported",
        ),
        (MsrpcServer.refusing, "bind refused: protocol version not supported"),
        (MsrpcServer.faulting, "fault: error access denied"),
    ],
)
async def test_each_answers_in_its_way(server: Callable[[], MsrpcServer], words: str) -> None:
    async with server() as address:
        assert str(await bound(address)) == words


async def test_one_answers_another_call() -> None:
    async with MsrpcServer.answering_another_call() as address:
        with pytest.raises(WireError, match="answers call 2, not call 1"):
            await bound(address)


async def test_what_is_no_dce_rpc_gets_no_answer() -> None:
    async with MsrpcServer.accepting() as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
