"""Syslog receivers over TCP, TLS and UDP, which remember messages, junk and how clients left."""

import asyncio
from enum import StrEnum
from typing import Self

from probe.wire import WireError
from probe.wire.syslog import split_frame
from tests.fakes.certificates import Tls
from tests.fakes.streams import LOOPBACK, Address, Stream, StreamServer, TlsStream
from tests.fakes.udp import UdpServer


class Ending(StrEnum):
    """How a client left."""

    IN_ORDER = "in order"
    """With a FIN, and close_notify before it where it spoke TLS."""
    CUT_OFF = "cut off"
    """With a RST, or without close_notify: receivers log that, for every probe."""


class SyslogServer(StreamServer):
    """A receiver of octet-counted messages on a stream; one on UDP is `UdpServer.silent()`."""

    def __init__(self, *, tls: Tls | None = None, bind: Address = LOOPBACK) -> None:
        super().__init__(self._take, tls=tls, bind=bind)
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        """Whole messages, without their frames."""
        self.endings: asyncio.Queue[Ending] = asyncio.Queue()
        """One for each client that left."""
        self.junk: list[bytes] = []
        """What was no frame: a real receiver logs it."""

    @classmethod
    def over_tcp(cls, *, bind: Address = LOOPBACK) -> Self:
        """Receive in clear."""
        return cls(bind=bind)

    @classmethod
    def over_tls(cls, tls: Tls | None = None, *, bind: Address = LOOPBACK) -> Self:
        """Receive over TLS."""
        return cls(tls=tls or Tls(), bind=bind)

    @staticmethod
    def over_udp(*, bind: Address = LOOPBACK) -> UdpServer:
        """Receive datagrams, each of them a message."""
        return UdpServer.silent(bind=bind)

    async def _take(self, stream: Stream) -> None:
        ending = Ending.CUT_OFF
        try:
            await self._take_messages(stream)
            if not isinstance(stream, TlsStream) or stream.ended_in_order:
                ending = Ending.IN_ORDER
        finally:
            self.endings.put_nowait(ending)

    async def _take_messages(self, stream: Stream) -> None:
        pending = b""
        while data := await stream.read():
            pending += data
            try:
                while (split := split_frame(pending)) is not None:
                    message, pending = split
                    self.received.put_nowait(message)
            except WireError:
                self.junk.append(pending)
                pending = b""
        if pending:
            self.junk.append(pending)
