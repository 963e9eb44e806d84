"""Real servers on loopback that hold one conversation with each client.

Every fake is an async context manager that gives its address: `async with TdsServer.answering() as
address:`. Leaving the block ends every conversation and frees the port.
"""

import asyncio
import socket
import ssl
import struct
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

from probe.wire import WireError
from tests.fakes.certificates import Tls

_CHUNK = 65536
_CLOSE_WITH_RST = struct.pack("ii", 1, 0)
"""SO_LINGER on with no time to linger."""


class Address(NamedTuple):
    """Where a fake is to be found; as a place to bind, port 0 is any free one."""

    host: str
    port: int


LOOPBACK = Address("127.0.0.1", 0)
LOOPBACK_IPV6 = Address("::1", 0)


class Stream(ABC):
    """Bytes from and to one client, whatever carries them."""

    def __init__(self) -> None:
        self._unread = b""

    @abstractmethod
    async def receive(self) -> bytes:
        """Wait for more bytes; empty at the end."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Send bytes, and wait while the client does not take them."""

    async def read(self) -> bytes:
        """Take what is there, or wait for it; empty at the end."""
        unread, self._unread = self._unread, b""
        return unread or await self.receive()

    async def peek(self, count: int) -> bytes:
        """Look at that many bytes without taking them; raise EOFError where they do not come."""
        while len(self._unread) < count:
            if not (more := await self.receive()):
                raise EOFError
            self._unread += more
        return self._unread[:count]

    async def exactly(self, count: int) -> bytes:
        """Take that many bytes; raise EOFError where they do not come."""
        taken = await self.peek(count)
        self._unread = self._unread[count:]
        return taken

    async def to_the_end(self) -> None:
        """Throw away what comes until the client closes."""
        while await self.read():
            pass


class TcpStream(Stream):
    """The connection itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes:
        """Wait for more bytes; raise ConnectionError where the client resets."""
        return await self._reader.read(_CHUNK)

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait while the client does not take them."""
        self._writer.write(data)
        await self._writer.drain()

    async def finish(self) -> None:
        """Say that nothing more comes, and let the client read what came before it closes."""
        self._writer.write_eof()
        await self.to_the_end()

    def reset(self) -> None:
        """Close with a RST."""
        connection: socket.socket = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RST)
        self.abort()

    def abort(self) -> None:
        """Close without waiting for what was not sent yet."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close; with a FIN where nothing is left unread."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


_CUT_OFF = "UNEXPECTED_EOF_WHILE_READING"


class TlsStream(Stream):
    """TLS inside another stream, by hand: asyncio's own servers swallow alerts that they owe."""

    def __init__(self, inner: Stream, context: ssl.SSLContext) -> None:
        super().__init__()
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.ended_in_order = False
        """The client said close_notify."""

    @property
    def alpn(self) -> str | None:
        """Say which protocol was agreed."""
        return self._tls.selected_alpn_protocol()

    async def handshake(self) -> None:
        """Shake hands; raise ssl.SSLError, its alert sent, where that fails."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._exchange()
            except ssl.SSLError:
                await self._flush()
                raise
            else:
                await self._flush()
                return

    async def receive(self) -> bytes:
        """Wait for more bytes; empty at the end, in order or not."""
        while True:
            try:
                data = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._exchange()
            except ssl.SSLError as error:
                # Python 3.11.2 has no class of its own for it.
                if not isinstance(error, ssl.SSLEOFError) and error.reason != _CUT_OFF:
                    raise
                return b""
            else:
                self.ended_in_order = not data
                return data

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait while the client does not take them."""
        if data:
            self._tls.write(data)
        await self._flush()

    async def say_goodbye(self) -> None:
        """Send close_notify."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        await self._flush()

    async def _exchange(self) -> None:
        await self._flush()
        if data := await self._inner.read():
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._inner.send(data)


TURNS_OF_ACCEPTING = 5
"""Turns of the loop from a client's arrival to its conversation; one that left is still coming."""
Conversation = Callable[[Stream], Awaitable[None]]


class StreamServer:
    """Listens, and holds the same conversation with every client."""

    def __init__(
        self, converse: Conversation, *, tls: Tls | None = None, bind: Address = LOOPBACK
    ) -> None:
        self.connections = 0
        """How many clients came."""
        self._converse = converse
        self._context = tls.context() if tls else None
        self._bind = bind
        self._conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Address:
        self._server = await asyncio.start_server(self._serve, *self._bind)
        return Address(*self._server.sockets[0].getsockname()[:2])

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _ in range(TURNS_OF_ACCEPTING):
            await asyncio.sleep(0)
        self._server.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)
        stream = TcpStream(reader, writer)
        try:
            with suppress(ConnectionError, EOFError, WireError, ssl.SSLError):
                await self._hold(stream)
            await stream.close()
        finally:
            stream.abort()

    async def _hold(self, stream: TcpStream) -> None:
        if self._context is None:
            await self._converse(stream)
            return
        secured = TlsStream(stream, self._context)
        try:
            await secured.handshake()
        except ssl.SSLError:
            await stream.finish()
            return
        await self._converse(secured)
        await secured.say_goodbye()
