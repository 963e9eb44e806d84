"""TCP servers that behave well or badly, whatever they are asked."""

import asyncio
import socket
import struct
from types import TracebackType
from typing import Self

from tests.fakes.streams import LOOPBACK, Address, Stream, StreamServer, TcpStream

MEGABYTE = 2**20


class TcpServer(StreamServer):
    """A server of no protocol."""

    @classmethod
    def accepting(cls, *, bind: Address = LOOPBACK) -> Self:
        """Accept and say nothing, ever."""
        return cls(lambda stream: stream.to_the_end(), bind=bind)

    @classmethod
    def closing(cls, *, bind: Address = LOOPBACK) -> Self:
        """Accept and close at once."""

        async def close(_: Stream) -> None:
            pass

        return cls(close, bind=bind)

    @classmethod
    def resetting(cls, *, bind: Address = LOOPBACK) -> Self:
        """Accept and reset at once."""

        async def reset(stream: Stream) -> None:
            _connection(stream).reset()

        return cls(reset, bind=bind)

    @classmethod
    def resetting_when_asked(cls, *, bind: Address = LOOPBACK) -> Self:
        """Wait for the first bytes, then reset."""

        async def reset(stream: Stream) -> None:
            await stream.read()
            _connection(stream).reset()

        return cls(reset, bind=bind)

    @classmethod
    def speaking(cls, data: bytes, *, bind: Address = LOOPBACK) -> Self:
        """Say something unasked, as an SSH or mail server does, then wait."""

        async def speak(stream: Stream) -> None:
            await stream.send(data)
            await stream.to_the_end()

        return cls(speak, bind=bind)

    @classmethod
    def answering(cls, data: bytes, *, bind: Address = LOOPBACK) -> Self:
        """Wait for the first bytes, answer these, then wait."""

        async def answer(stream: Stream) -> None:
            await stream.read()
            await stream.send(data)
            await stream.to_the_end()

        return cls(answer, bind=bind)

    @classmethod
    def closing_after(cls, data: bytes, *, bind: Address = LOOPBACK) -> Self:
        """Wait for the first bytes, answer these, then close: an answer cut short."""

        async def answer(stream: Stream) -> None:
            await stream.read()
            await stream.send(data)

        return cls(answer, bind=bind)

    @classmethod
    def dribbling(cls, data: bytes, *, tick_seconds: float, bind: Address = LOOPBACK) -> Self:
        """Say this one byte a tick, then wait."""

        async def dribble(stream: Stream) -> None:
            for byte in data:
                await stream.send(bytes((byte,)))
                await asyncio.sleep(tick_seconds)
            await stream.to_the_end()

        return cls(dribble, bind=bind)

    @classmethod
    def sending_a_megabyte(
        cls, start: bytes = b"", filler: bytes = b"x", *, bind: Address = LOOPBACK
    ) -> Self:
        """Wait for the first bytes, then answer more than anybody wants."""

        async def flood(stream: Stream) -> None:
            await stream.read()
            await stream.send(start + filler * (MEGABYTE // len(filler)))
            await stream.to_the_end()

        return cls(flood, bind=bind)


class FullBacklog:
    """Listens and accepts nobody, its queue being full: to connect is to wait. Linux only."""

    def __init__(self, *, bind: Address = LOOPBACK) -> None:
        self._bind = bind
        self._sockets: list[socket.socket] = []

    async def __aenter__(self) -> Address:
        listener = socket.socket(_family(self._bind))
        self._sockets.append(listener)
        listener.bind(self._bind)
        listener.listen(0)
        address = Address(*listener.getsockname()[:2])
        while not _has_full_queue(listener):
            client = socket.socket(listener.family)
            self._sockets.append(client)
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, address)
        return address

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for each in self._sockets:
            each.close()


class ClosedPort:
    """Keeps a port on which nobody listens: TCP answers RST, UDP port unreachable."""

    def __init__(self, kind: socket.SocketKind, *, bind: Address = LOOPBACK) -> None:
        self._socket = socket.socket(_family(bind), kind)
        self._bind = bind

    @classmethod
    def tcp(cls, *, bind: Address = LOOPBACK) -> Self:
        """Refuse TCP connections."""
        return cls(socket.SOCK_STREAM, bind=bind)

    @classmethod
    def udp(cls, *, bind: Address = LOOPBACK) -> Self:
        """Refuse UDP datagrams."""
        return cls(socket.SOCK_DGRAM, bind=bind)

    async def __aenter__(self) -> Address:
        self._socket.bind(self._bind)
        address = Address(*self._socket.getsockname()[:2])
        if self._socket.type is socket.SOCK_DGRAM:
            # Connected to itself it takes nobody else's datagrams, and still keeps the port.
            self._socket.connect(address)
        return address

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()


def _has_full_queue(listener: socket.socket) -> bool:
    """Ask the kernel: of a listener, TCP_INFO's unacked and sacked are the queue and its limit."""
    information = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    waiting, limit = struct.unpack_from("=II", information, 24)
    return bool(waiting > limit)


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address.host else socket.AF_INET


def _connection(stream: Stream) -> TcpStream:
    assert isinstance(stream, TcpStream), "only a bare connection can be reset"
    return stream
