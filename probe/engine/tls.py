"""TLS over anything that carries bytes: a stream, or the packets of TDS."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

from probe.engine.ended import Ended

Result = TypeVar("Result")

CARRIED_BYTES = 65536


class Carrier(Protocol):
    """What TLS records travel on."""

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    async def receive(self, at_most: int) -> bytes:
        """Receive at least one byte; empty at the end."""
        ...


class Tls:
    """The client's end of a TLS session."""

    def __init__(self, carrier: Carrier, context: ssl.SSLContext, server_name: str | None) -> None:
        self._carrier = carrier
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        """The certificate, the version and the protocol agreed on are asked of this."""

    async def handshake(self) -> None:
        """Shake hands; raises ssl.SSLError.

        ssl.SSLEOFError is the peer's going away, in Python 3.11.2 ssl.SSLZeroReturnError.
        """
        await self._pump(self.session.do_handshake)

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._pump(partial(self.session.write, data))

    async def receive(self, at_most: int) -> bytes:
        """Receive at least one byte; empty at the end, announced or not."""
        try:
            return await self._pump(partial(self.session.read, at_most))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def close(self) -> None:
        """Send close_notify; the peer's own is not waited for."""
        with suppress(ssl.SSLError):
            self.session.unwrap()
        await self._flush()

    async def _pump(self, step: Callable[[], Result]) -> Result:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await self._carrier.receive(CARRIED_BYTES):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                with suppress(Ended):  # the alert is a courtesy
                    await self._flush()
                raise
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._carrier.send(self._outgoing.read())
