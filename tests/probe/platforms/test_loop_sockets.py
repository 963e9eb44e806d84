"""Waiting by the loop's own calls: asyncio's, since uvloop hands addresses to a thread first."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from probe.platforms import linux
from probe.platforms.loop_sockets import LoopSockets
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.fakes.udp import UdpServer

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])

SHORT = 0.1
LONG = 5.0


@pytest.fixture
def connecting() -> Iterator[socket.socket]:
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        yield opened


@pytest.fixture
def asking() -> Iterator[socket.socket]:
    with linux.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


def by_the_loop() -> LoopSockets:
    return LoopSockets(linux.tcp_info, time.perf_counter)


def after(seconds: float) -> float:
    return time.perf_counter() + seconds


async def test_a_handshake_ends_with_the_kernels_view(connecting: socket.socket) -> None:
    async with TcpServer.accepting() as address:
        info = await by_the_loop().connect(connecting, address, after(LONG))

    assert info is not None
    assert info.established


async def test_a_system_without_tcp_info_is_no_obstacle(connecting: socket.socket) -> None:
    sockets = LoopSockets(lambda _: None, time.perf_counter)

    async with TcpServer.accepting() as address:
        assert await sockets.connect(connecting, address, after(LONG)) is None


async def test_a_refusal_is_the_kernels_own_error(connecting: socket.socket) -> None:
    async with ClosedPort.tcp() as address:
        with pytest.raises(ConnectionRefusedError):
            await by_the_loop().connect(connecting, address, after(LONG))


async def test_the_deadline_is_kept(connecting: socket.socket) -> None:
    async with FullBacklog() as address:
        with pytest.raises(TimeoutError):
            await by_the_loop().connect(connecting, address, after(SHORT))


async def test_a_loop_that_comes_late_takes_no_answer_for_silence(
    connecting: socket.socket,
) -> None:
    async with TcpServer.accepting() as address, asyncio.TaskGroup() as group:
        task = group.create_task(by_the_loop().connect(connecting, address, after(SHORT)))
        await asyncio.sleep(0)
        time.sleep(3 * SHORT)  # noqa: ASYNC251 - this is the busy loop

    info = task.result()
    assert info is not None
    assert info.established


async def test_bytes_go_out_and_come_in(connecting: socket.socket) -> None:
    sockets = by_the_loop()
    async with TcpServer.answering(b"welcome") as address:
        await sockets.connect(connecting, address, after(LONG))
        await sockets.send(connecting, b"hello", after(LONG))

        assert await sockets.receive(connecting, 100, after(LONG)) == b"welcome"
        with pytest.raises(TimeoutError):
            await sockets.receive(connecting, 100, after(SHORT))


async def test_a_datagram_is_answered(asking: socket.socket) -> None:
    async with UdpServer.answering(b"pong") as address:
        asking.connect(address)

        assert await by_the_loop().exchange(asking, b"ping", 100, after(LONG)) == b"pong"


async def test_a_datagram_may_be_refused_or_ignored(asking: socket.socket) -> None:
    async with UdpServer.silent() as silent, ClosedPort.udp() as closed:
        asking.connect(silent)
        with pytest.raises(TimeoutError):
            await by_the_loop().exchange(asking, b"ping", 100, after(SHORT))

        asking.connect(closed)
        with pytest.raises(ConnectionRefusedError):
            await by_the_loop().exchange(asking, b"ping", 100, after(LONG))
