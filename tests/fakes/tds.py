"""SQL Servers, as far as a client without an account gets: PRELOGIN, TLS, and a refused login.

MS-TDS 3.3.5. The login is there so that independent clients can judge this fake: each has to come
as far as "Login failed". Probes stop at PRELOGIN.
"""

import ssl
from typing import Self

from probe.wire.tds import (
    ALPN,
    HEADER_BYTES,
    Encryption,
    PacketType,
    Prelogin,
    build_packet,
    build_prelogin_answer,
    packet_length,
    read_packet,
    read_prelogin,
)
from tests.fakes.certificates import Tls
from tests.fakes.streams import LOOPBACK, Address, Stream, StreamServer, TlsStream

SQL_2019 = "15.0.4298"
_TLS_HANDSHAKE = 0x16
_MOST_PAYLOAD_BYTES = 4096 - HEADER_BYTES
_LAST_OF_MESSAGE = 0x01
_LOGIN_FAILED = 18456


class TdsServer(StreamServer):
    """A SQL Server that lets nobody in."""

    @classmethod
    def answering(
        cls,
        version: str = SQL_2019,
        encryption: Encryption = Encryption.OFF,
        *,
        bind: Address = LOOPBACK,
    ) -> Self:
        """Answer PRELOGIN in clear, TLS coming after it if wanted; TLS at once it does not know."""

        async def converse(stream: Stream) -> None:
            asked = await _read_prelogin(stream)
            agreed = _agreed(asked.encryption, encryption)
            await stream.send(build_prelogin_answer(asked, version, agreed))
            asked_on = stream if agreed is Encryption.NOT_SUPPORTED else await _secured(stream)
            await _refuse_login(asked_on, stream if agreed is Encryption.OFF else asked_on)

        return cls(converse, bind=bind)

    @classmethod
    def strict(cls, version: str = "16.0.1000", *, bind: Address = LOOPBACK) -> Self:
        """Force TDS 8.0: close on a clear PRELOGIN, answer one inside of TLS."""

        async def converse(stream: Stream) -> None:
            if await stream.peek(1) != bytes((_TLS_HANDSHAKE,)):
                return
            secured = TlsStream(stream, Tls(alpn=(ALPN,)).context())
            await secured.handshake()
            if secured.alpn != ALPN:
                return
            asked = await _read_prelogin(secured)
            await secured.send(build_prelogin_answer(asked, version, Encryption.NOT_SUPPORTED))
            await _refuse_login(secured, secured)

        return cls(converse, bind=bind)

    @classmethod
    def closing_early(cls, after: int = 0, *, bind: Address = LOOPBACK) -> Self:
        """Close when so many bytes of the answer are sent."""

        async def converse(stream: Stream) -> None:
            asked = await _read_prelogin(stream)
            answer = build_prelogin_answer(asked, SQL_2019, Encryption.OFF)
            await stream.send(answer[:after])

        return cls(converse, bind=bind)


class _InsidePrelogin(Stream):
    """Carries the TLS handshake in PRELOGIN packets, what follows bare (MS-TDS 2.2.6.5)."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream
        self.wraps = True

    async def receive(self) -> bytes:
        if not self.wraps:
            return await self._stream.read()
        length = packet_length(await self._stream.peek(HEADER_BYTES))
        return read_packet(await self._stream.exactly(length), PacketType.PRELOGIN)

    async def send(self, data: bytes) -> None:
        if not self.wraps:
            await self._stream.send(data)
            return
        for start in range(0, len(data), _MOST_PAYLOAD_BYTES):
            payload = data[start : start + _MOST_PAYLOAD_BYTES]
            await self._stream.send(build_packet(PacketType.PRELOGIN, payload))


async def _read_prelogin(stream: Stream) -> Prelogin:
    length = packet_length(await stream.peek(HEADER_BYTES))
    return read_prelogin(await stream.exactly(length))


def _agreed(asked: Encryption | None, configured: Encryption) -> Encryption:
    """Answer the client's wish as the table of ENCRYPTION in MS-TDS 2.2.6.5 has it."""
    if configured is not Encryption.NOT_SUPPORTED and asked is Encryption.ON:
        return Encryption.ON
    if configured is Encryption.OFF and asked is Encryption.NOT_SUPPORTED:
        return Encryption.NOT_SUPPORTED
    return configured


async def _secured(stream: Stream) -> TlsStream:
    """Shake hands inside of PRELOGIN packets; TLS 1.3 does not fit in there."""
    context = Tls().context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    carrier = _InsidePrelogin(stream)
    secured = TlsStream(carrier, context)
    await secured.handshake()
    carrier.wraps = False
    return secured


async def _refuse_login(asked_on: Stream, answered_on: Stream) -> None:
    """Read a LOGIN7 message, whatever it says, and answer "Login failed" (MS-TDS 2.2.7.10)."""
    last = False
    while not last:
        header = await asked_on.exactly(HEADER_BYTES)
        await asked_on.exactly(int.from_bytes(header[2:4], "big") - HEADER_BYTES)
        last = bool(header[1] & _LAST_OF_MESSAGE)
    await answered_on.send(build_packet(PacketType.TABULAR_RESULT, _login_failed()))


def _login_failed() -> bytes:
    """Write the tokens ERROR (MS-TDS 2.2.7.10) and DONE with its error bit (2.2.7.6)."""
    text, server = "Login failed for user 'probe'.", "FAKE"
    state_and_class = bytes((1, 14))
    error = b"".join(
        (
            _LOGIN_FAILED.to_bytes(4, "little"),
            state_and_class,
            len(text).to_bytes(2, "little") + text.encode("utf-16-le"),
            bytes((len(server),)) + server.encode("utf-16-le"),
            b"\0",
            (1).to_bytes(4, "little"),
        )
    )
    done = b"\xfd" + (2).to_bytes(2, "little") + bytes(10)
    return b"\xaa" + len(error).to_bytes(2, "little") + error + done
