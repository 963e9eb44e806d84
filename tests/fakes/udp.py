"""UDP servers that answer or keep silent, and remember what they got."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

from tests.fakes.streams import LOOPBACK, Address

Reply = Callable[[bytes], bytes | None]
"""What to answer to a datagram; None for nothing."""


class UdpServer:
    """Takes datagrams; `received` keeps each of them until somebody takes it out."""

    def __init__(self, reply: Reply, *, bind: Address = LOOPBACK) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self._reply = reply
        self._bind = bind

    @classmethod
    def answering(cls, answer: bytes, *, bind: Address = LOOPBACK) -> Self:
        """Answer the same to every datagram."""
        return cls(lambda _: answer, bind=bind)

    @classmethod
    def silent(cls, *, bind: Address = LOOPBACK) -> Self:
        """Answer nothing."""
        return cls(lambda _: None, bind=bind)

    async def __aenter__(self) -> Address:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Protocol(self), local_addr=self._bind
        )
        return Address(*self._transport.get_extra_info("sockname")[:2])

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._transport.close()

    def take(self, datagram: bytes) -> bytes | None:
        """Keep a datagram, and say what to answer."""
        self.received.put_nowait(datagram)
        return self._reply(datagram)


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: UdpServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: the transport of Python 3.11 is none of its own type.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:  # as asyncio types it
        answer = self._server.take(data)
        if answer is not None:
            self._transport.sendto(answer, addr)
