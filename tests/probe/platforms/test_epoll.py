"""The poller of our own: deadlines, cancelling, and loops that come late."""

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest

from probe.platforms import linux
from probe.platforms.epoll import EpollSockets
from tests.fakes.streams import Address
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.fakes.udp import UdpServer

SHORT = 0.1
LONG = 5.0


@pytest.fixture
async def sockets() -> AsyncIterator[EpollSockets]:
    """Poll in the test's loop."""
    with closing(EpollSockets(linux.tcp_info, time.perf_counter)) as polling:
        yield polling


@pytest.fixture
def connecting() -> Iterator[socket.socket]:
    """Have a socket to connect."""
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        yield opened


def after(seconds: float) -> float:
    return time.perf_counter() + seconds


async def test_what_the_kernel_saw_comes_with_the_connection(
    sockets: EpollSockets, connecting: socket.socket
) -> None:
    async with TcpServer.accepting() as address:
        info = await sockets.connect(connecting, address, after(LONG))

    assert info.established
    assert info.rtt_seconds is not None
    assert info.syn_retransmits == 0


async def test_a_refusal_is_the_kernels_own_error(
    sockets: EpollSockets, connecting: socket.socket
) -> None:
    async with ClosedPort.tcp() as address:
        with pytest.raises(ConnectionRefusedError) as raised:
            await sockets.connect(connecting, address, after(LONG))

    assert raised.value.errno == errno.ECONNREFUSED


async def test_what_the_kernel_refuses_to_begin_is_raised_at_once(
    sockets: EpollSockets, connecting: socket.socket
) -> None:
    connecting.listen()

    with pytest.raises(OSError, match="already connected"):
        await sockets.connect(connecting, connecting.getsockname(), after(LONG))


async def test_the_deadline_is_kept(sockets: EpollSockets, connecting: socket.socket) -> None:
    async with FullBacklog() as address:
        began = time.perf_counter()
        with pytest.raises(TimeoutError):
            await sockets.connect(connecting, address, after(SHORT))

    assert SHORT <= time.perf_counter() - began < SHORT + 1


async def test_each_waits_until_its_own_deadline(sockets: EpollSockets) -> None:
    ended: list[float] = []

    async def wait(seconds: float, address: Address) -> None:
        with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as connecting:
            with pytest.raises(TimeoutError):
                await sockets.connect(connecting, address, after(seconds))
            ended.append(seconds)

    async with FullBacklog() as address, asyncio.TaskGroup() as group:
        for seconds in (0.3, 0.1, 0.2):
            group.create_task(wait(seconds, address))

    assert ended == [0.1, 0.2, 0.3]


async def test_a_deadline_that_has_passed_is_over_at_once(
    sockets: EpollSockets, connecting: socket.socket
) -> None:
    async with FullBacklog() as address:
        with pytest.raises(TimeoutError):
            await sockets.connect(connecting, address, after(-1))


async def test_a_loop_that_comes_late_takes_no_answer_for_silence(sockets: EpollSockets) -> None:
    async def connect(address: Address) -> bool:
        with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as connecting:
            return (await sockets.connect(connecting, address, after(SHORT))).established

    async with TcpServer.accepting() as address, asyncio.TaskGroup() as group:
        tasks = [group.create_task(connect(address)) for _ in range(10)]
        await asyncio.sleep(0)
        time.sleep(3 * SHORT)  # noqa: ASYNC251 - this is the busy loop

    assert all(task.result() for task in tasks)


async def test_cancelling_forgets_the_socket(sockets: EpollSockets) -> None:
    async def connect(address: Address) -> None:
        with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as connecting:
            await sockets.connect(connecting, address, after(LONG))

    async with FullBacklog() as full, TcpServer.accepting() as accepting:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(connect(full))
            await asyncio.sleep(0)
            task.cancel()
        # The same descriptor serves again, and nothing of its former life disturbs it.
        await connect(accepting)

    assert task.cancelled()


async def test_a_stranger_with_the_same_descriptor_wakes_nobody_up(
    sockets: EpollSockets,
) -> None:
    """A child process may hold a socket that was closed here, and it still makes itself heard."""
    async with TcpServer.speaking(b"") as accepting, FullBacklog() as full:
        stranger = linux.open_socket(socket.AF_INET, socket.SOCK_STREAM)
        await sockets.connect(stranger, accepting, after(LONG))
        held_by_a_child = stranger.dup()
        number = stranger.fileno()
        stranger.close()
        with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as same_number:
            assert same_number.fileno() == number
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(_silent(sockets, same_number, full))
                await asyncio.sleep(0)
                held_by_a_child.shutdown(socket.SHUT_RDWR)
        held_by_a_child.close()

    assert waiting.result()


async def _silent(sockets: EpollSockets, connecting: socket.socket, address: Address) -> bool:
    try:
        await sockets.connect(connecting, address, after(SHORT))
    except TimeoutError:
        return True
    return False


class ToldOfASmallerPath(socket.socket):
    """A UDP socket about which ICMP "fragmentation needed" has come."""

    told = False

    def recv(self, *arguments: int) -> bytes:
        if not self.told:
            self.told = True
            raise OSError(errno.EMSGSIZE, "Message too long")
        return super().recv(*arguments)


async def test_news_of_the_paths_packet_size_is_no_answer(sockets: EpollSockets) -> None:
    async with UdpServer.answering(b"pong") as address:
        with ToldOfASmallerPath(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect(address)

            assert await sockets.exchange(asking, b"ping", 100, after(LONG)) == b"pong"
            assert asking.told


async def test_leaving_with_a_timer_armed_harms_nobody() -> None:
    sockets = EpollSockets(linux.tcp_info, time.perf_counter)
    async with TcpServer.accepting() as address:
        with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as connecting:
            await sockets.connect(connecting, address, after(SHORT))

    sockets.close()

    await asyncio.sleep(2 * SHORT)
