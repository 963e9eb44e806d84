"""Waiting on sockets with the event loop's own calls, on any system.

Nothing here needs add_reader, which Windows' proactor loop lacks. Datagrams go by a blocking socket
in a thread: the proactor's UDP loses errors (CPython gh-91227, gh-127057).
"""

import asyncio
from collections.abc import Callable
from socket import socket

from probe.platforms.evidence import Clock, SocketAddress, TcpInfo
from probe.platforms.threads import in_thread


class LoopSockets:
    """Non-blocking sockets of the running loop."""

    def __init__(self, tcp_info: Callable[[socket], TcpInfo | None], now: Clock) -> None:
        self._tcp_info = tcp_info
        self._now = now
        self._loop = asyncio.get_running_loop()

    async def connect(
        self, connecting: socket, address: SocketAddress, deadline: float
    ) -> TcpInfo | None:
        """Connect a TCP socket."""
        try:
            async with self._until(deadline):
                await self._loop.sock_connect(connecting, address)
        except TimeoutError:
            # A loop that was busy too long comes late to both: the handshake decides.
            if not _is_connected(connecting):
                raise
        return self._tcp_info(connecting)

    async def send(self, connected: socket, data: bytes, deadline: float) -> None:
        """Send all of it on a socket that was connected here."""
        async with self._until(deadline):
            await self._loop.sock_sendall(connected, data)

    async def receive(self, connected: socket, at_most: int, deadline: float) -> bytes:
        """Receive what there is, at least one byte; empty at the end of the stream."""
        async with self._until(deadline):
            return await self._loop.sock_recv(connected, at_most)

    async def exchange(
        self, connected: socket, datagram: bytes, at_most: int, deadline: float
    ) -> bytes:
        """Send a datagram on a connected UDP socket and receive one; an empty one counts."""
        blocking = connected.dup()
        seconds = max(deadline - self._now(), 0.001)

        def work() -> bytes:
            with blocking:
                blocking.settimeout(seconds)
                blocking.send(datagram)
                return blocking.recv(at_most)

        return await in_thread(work)

    def _until(self, deadline: float) -> asyncio.Timeout:
        return asyncio.timeout(max(deadline - self._now(), 0))


def _is_connected(connecting: socket) -> bool:
    try:
        connecting.getpeername()
    except OSError:
        return False
    return True
