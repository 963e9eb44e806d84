"""Waiting on sockets with an epoll of our own, beside any event loop on Linux.

The loop watches one descriptor, the epoll's, and each wake-up serves every socket that is ready.
A socket is registered once, edge-triggered, and forgotten by the kernel when it is closed: an
operation is always tried before it is waited for. One timer is armed for the earliest deadline;
when it fires, what became ready meanwhile is served first, so that a loop that was busy too long
never takes an answer for silence. DESIGN 8 and bench.md have the cost of the other ways.
"""

import asyncio
import errno
import os
import select
from collections.abc import Callable
from socket import SO_ERROR, SOL_SOCKET, socket

from probe.platforms.evidence import Clock, SocketAddress, TcpInfo
from probe.platforms.wakeup import Wakeup

_EDGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET
_CONNECTED = select.EPOLLOUT
"""What is ready after a handshake of which nothing more is to be said."""
_BEGUN = (0, errno.EINPROGRESS)
_SOONEST_SECONDS = 0.001
"""A timer that fires a little early is armed again for no less."""


class EpollSockets:
    """Non-blocking sockets of the running loop; close it when no check is left."""

    def __init__(self, tcp_info: Callable[[socket], TcpInfo], now: Clock) -> None:
        self._tcp_info = tcp_info
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._waiting: dict[int, tuple[Wakeup, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = 0.0
        self._loop.add_reader(self._epoll.fileno(), self._serve)

    def close(self) -> None:
        """Leave the loop."""
        self._loop.remove_reader(self._epoll.fileno())
        if self._timer is not None:
            self._timer.cancel()
        self._epoll.close()

    async def connect(self, connecting: socket, address: SocketAddress, deadline: float) -> TcpInfo:
        """Connect a TCP socket."""
        if (code := connecting.connect_ex(address)) not in _BEGUN:
            raise OSError(code, os.strerror(code))
        self._epoll.register(connecting, _EDGES)
        while True:
            events = await self._ready(connecting, deadline)
            if events != _CONNECTED and (code := connecting.getsockopt(SOL_SOCKET, SO_ERROR)):
                raise OSError(code, os.strerror(code))
            # A descriptor that a child process still held may have spoken under the same number.
            if (info := self._tcp_info(connecting)).established:
                return info

    async def send(self, connected: socket, data: bytes, deadline: float) -> None:
        """Send all of it on a socket that was connected here."""
        left = memoryview(data)
        while left:
            try:
                left = left[connected.send(left) :]
            except BlockingIOError:
                await self._ready(connected, deadline)

    async def receive(self, connected: socket, at_most: int, deadline: float) -> bytes:
        """Receive what there is, at least one byte; empty at the end of the stream."""
        while True:
            try:
                return connected.recv(at_most)
            except BlockingIOError:
                await self._ready(connected, deadline)

    async def exchange(
        self, connected: socket, datagram: bytes, at_most: int, deadline: float
    ) -> bytes:
        """Send a datagram on a connected UDP socket and receive one; an empty one counts."""
        connected.send(datagram)
        self._epoll.register(connected, _EDGES)
        while True:
            try:
                return await self.receive(connected, at_most, deadline)
            except OSError as error:
                if error.errno != errno.EMSGSIZE:  # news of the path's packet size, no more
                    raise

    async def _ready(self, waiting: socket, deadline: float) -> int:
        """Wait for the next edge; raises TimeoutError at the deadline."""
        descriptor = waiting.fileno()
        wakeup = Wakeup(self._loop)
        self._waiting[descriptor] = (wakeup, deadline)
        self._arm(deadline)
        try:
            events = await wakeup
        finally:
            del self._waiting[descriptor]
        if not events:
            raise TimeoutError
        return events

    def _serve(self) -> None:
        for descriptor, events in self._epoll.poll(0):
            if (waiter := self._waiting.get(descriptor)) is not None and not waiter[0].done():
                waiter[0].wake(events)

    def _arm(self, deadline: float) -> None:
        if self._timer is not None:
            if self._armed_for <= deadline:
                return
            self._timer.cancel()
        self._armed_for = deadline
        delay = max(deadline - self._now(), _SOONEST_SECONDS)
        self._timer = self._loop.call_later(delay, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._serve()
        now = self._now()
        earliest = None
        for wakeup, deadline in list(self._waiting.values()):
            if wakeup.done():
                continue
            if deadline <= now:
                wakeup.wake(0)
            elif earliest is None or deadline < earliest:
                earliest = deadline
        if earliest is not None:
            self._arm(earliest)
