"""A TCP connection as a check uses it: bytes out, bytes in, TLS on top, all within its deadline."""

import ssl
from socket import SHUT_WR, socket
from types import TracebackType
from typing import Self

from flows.outcomes import Outcome
from probe.engine.ended import Ended
from probe.engine.failures import caused
from probe.engine.stages import Stages
from probe.engine.tls import CARRIED_BYTES, Tls
from probe.platforms.evidence import Platform, Sockets, TcpInfo

CLOSING_SECONDS = 0.25
"""How long the peer gets to close its end: data that is still unread would make our FIN a RST."""
CLOSING_BYTES = 262144
FIRST_BYTES = 64
MOST_BYTES = 524288
"""Of all that comes on one connection: no check needs more, whatever carries it."""


class Stream:
    """A connection that was made; every wait ends with the stage that runs, in Ended.

    For one task at a time. Leave it by `async with`.
    """

    def __init__(
        self, connected: socket, sockets: Sockets, platform: Platform, stages: Stages
    ) -> None:
        self._socket = connected
        self._platform = platform
        self._stages = stages
        self._bare = _Bare(connected, sockets, platform, stages)
        self.tls: Tls | None = None
        """Its session shows what was agreed on, as far as the handshake came."""

    @property
    def first_bytes(self) -> bytes:
        """Give the first 64 bytes that came, TLS and all: evidence of what is there."""
        return self._bare.first_bytes

    async def send(self, data: bytes) -> None:
        """Send all of it; raises Ended (reset, hung)."""
        await (self.tls or self._bare).send(data)

    async def receive(self, at_most: int = CARRIED_BYTES) -> bytes:
        """Receive at least one byte; empty at the end. Raises Ended (reset, hung)."""
        return await (self.tls or self._bare).receive(at_most)

    async def start_tls(self, context: ssl.SSLContext, server_name: str | None) -> None:
        """Speak TLS from here on.

        Raises ssl.SSLError, which is the check's to read; Ended (reset) where the peer went away.
        """
        self.tls = Tls(self._bare, context, server_name)
        try:
            await self.tls.handshake()
        # Python 3.11.2 takes who goes away in a handshake for one that says goodbye.
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            detail = "closed during the TLS handshake"
            raise Ended(Outcome.RESET, self._stages.now_in, detail) from error

    def info(self) -> TcpInfo | None:
        """Read TCP_INFO; None where the system has none."""
        return self._platform.tcp_info(self._socket)

    async def close(self) -> None:
        """Close in order: close_notify, FIN, what the peer still had to say."""
        try:
            if self._bare.spoke:
                self._stages.stop(within_seconds=CLOSING_SECONDS)
                if self.tls:
                    await self.tls.close()
                self._socket.shutdown(SHUT_WR)
                await self._drain()
        except (Ended, OSError):
            pass  # the peer was first, or does not care
        finally:
            self._socket.close()

    def abort(self) -> None:
        """Close without a word."""
        self._socket.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, Exception):
            await self.close()
        else:
            self.abort()

    async def _drain(self) -> None:
        left = CLOSING_BYTES
        while left > 0 and (data := await self._bare.receive(CARRIED_BYTES)):
            left -= len(data)


class _Bare:
    """The connection beneath TLS.

    It knows nothing of the stream: what a session holds in OpenSSL is to go with the last reference
    to it, and not to wait for the collection of cyclic garbage.
    """

    def __init__(
        self, connected: socket, sockets: Sockets, platform: Platform, stages: Stages
    ) -> None:
        self._socket = connected
        self._sockets = sockets
        self._platform = platform
        self._stages = stages
        self._received = 0
        self.spoke = False
        self.first_bytes = b""

    async def send(self, data: bytes) -> None:
        """Send all of it; raises Ended."""
        self._settle()
        try:
            await self._sockets.send(self._socket, data, self._stages.deadline)
        except OSError as error:
            raise self._ended(error, "took nothing more") from error

    async def receive(self, at_most: int) -> bytes:
        """Receive at least one byte, empty at the end; raises Ended."""
        self._settle()
        try:
            data = await self._sockets.receive(self._socket, at_most, self._stages.deadline)
        except OSError as error:
            silence = "said nothing more" if self.first_bytes else "said nothing"
            raise self._ended(error, silence) from error
        if len(self.first_bytes) < FIRST_BYTES:
            self.first_bytes += data[: FIRST_BYTES - len(self.first_bytes)]
        self._received += len(data)
        if self._received > MOST_BYTES:
            detail = f"sent more than {MOST_BYTES} bytes and never came to the point"
            raise Ended(Outcome.HUNG, self._stages.now_in, detail)
        return data

    def _settle(self) -> None:
        if not self.spoke:
            self._platform.settle(self._socket)
            self.spoke = True

    def _ended(self, error: OSError, silence: str) -> Ended:
        stage = self._stages.now_in
        if isinstance(error, TimeoutError):
            return Ended(Outcome.HUNG, stage, f"connected, then {silence} until the deadline")
        return caused(self._platform, error, stage)
