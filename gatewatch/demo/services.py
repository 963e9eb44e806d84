"""The services of the demo's estate: real listeners that answer as SES Evolution's would.

What they say comes from the codecs that the probe itself reads with; nothing else is simulated.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from probe.wire import WireError, dcerpc, http1, ssrp, tds
from probe.wire.dcerpc_messages import NDR, BindAck, ContextResult, Result
from probe.wire.http2_service import Http2Service, grpc_answer

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Talk = Callable[[Reader, Writer], Awaitable[None]]
Place = tuple[str, int]
"""Address and port."""

_PATIENCE_SECONDS = 10.0
_MOST_BYTES = 65536
_SQL_VERSION = "15.0.4298"


class Kind(StrEnum):
    """What listens."""

    WEB = "https"
    """Backend, public API or update server: http.sys behind TLS."""
    HANDLER = "grpc"
    """The 2.7.1 agent handler."""
    LEGACY = "msrpc"
    """The 2.6 agent handler's port for agents."""
    SQL = "tds"
    BROWSER = "ssrp"
    SYSLOG = "syslog"
    SYSLOG_TLS = "syslog-tls"
    SYSLOG_UDP = "syslog-udp"

    @property
    def proto(self) -> str:
        """What it listens on."""
        return "udp" if self in {Kind.BROWSER, Kind.SYSLOG_UDP} else "tcp"


@dataclass(frozen=True, slots=True)
class Post:
    """A service of a host; high ports, so that no root is needed."""

    kind: Kind
    host: str
    port: int


class Services:
    """Opens and closes listeners; on leaving, closes what is still open."""

    def __init__(
        self,
        tls: Callable[[str, tuple[str, ...]], ssl.SSLContext],
        addresses: Mapping[str, str],
    ) -> None:
        self._tls = tls
        self._addresses = addresses
        self._open: dict[Post, asyncio.Server | asyncio.DatagramTransport] = {}

    async def __aenter__(self) -> "Services":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close(*self._open)

    async def open(self, *posts: Post) -> None:
        """Start services; raises OSError where a port is taken."""
        for post in posts:
            self._open[post] = await self._listen(post)

    async def close(self, *posts: Post) -> None:
        """Stop services; from then on their ports refuse."""
        for post in posts:
            self._open.pop(post).close()

    async def _listen(self, post: Post) -> asyncio.Server | asyncio.DatagramTransport:
        place = self._addresses[post.host], post.port
        match post.kind:
            case Kind.BROWSER:
                return await _datagrams(place, _browse)
            case Kind.SYSLOG_UDP:
                return await _datagrams(place, lambda _: None)
            case Kind.WEB:
                return await self._streams(place, _web, ("http/1.1",))
            case Kind.HANDLER:
                return await self._streams(place, _handler, ("h2",))
            case Kind.SYSLOG_TLS:
                return await self._streams(place, _swallow, ())
            case _:
                return await asyncio.start_server(_polite(_PLAIN[post.kind]), *place)

    async def _streams(self, place: Place, talk: Talk, alpn: tuple[str, ...]) -> asyncio.Server:
        context = self._tls(place[0], alpn)
        return await asyncio.start_server(_polite(talk), *place, ssl=context)


def _polite(talk: Talk) -> Talk:
    """Bound a conversation in time, end it whatever the client does, and say nothing of it."""

    async def serve(reader: Reader, writer: Writer) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await talk(reader, writer)
        except (OSError, EOFError, WireError, TimeoutError):
            pass  # a client that leaves in the middle is what a probe looks like
        finally:
            writer.close()

    return serve


async def _web(reader: Reader, writer: Writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    headers = (
        ("Server", "Microsoft-HTTPAPI/2.0"),
        ("Content-Length", "0"),
        ("Connection", "close"),
    )
    writer.write(http1.build_response(http1.Response(404, "Not Found", headers)))
    await writer.drain()


async def _handler(reader: Reader, writer: Writer) -> None:
    service = Http2Service(grpc_answer())
    writer.write(service.opening())
    while data := await reader.read(_MOST_BYTES):
        writer.write(service.receive(data))
        await writer.drain()


async def _legacy(reader: Reader, writer: Writer) -> None:
    header = await reader.readexactly(16)
    rest = await reader.readexactly(dcerpc.fragment_length(header) - len(header))
    bind = dcerpc.read_bind(header + rest)
    accepted = ContextResult(Result.ACCEPTANCE, 0, NDR)
    writer.write(dcerpc.build_bind_ack(BindAck(bind.call, (accepted,), association=1)))
    await writer.drain()
    await reader.read()


async def _sql(reader: Reader, writer: Writer) -> None:
    header = await reader.readexactly(tds.HEADER_BYTES)
    rest = await reader.readexactly(tds.packet_length(header) - len(header))
    asked = tds.read_prelogin(header + rest)
    writer.write(tds.build_prelogin_answer(asked, _SQL_VERSION, tds.Encryption.OFF))
    await writer.drain()
    await reader.read()


async def _swallow(reader: Reader, _writer: Writer) -> None:
    while await reader.read(_MOST_BYTES):
        pass


_PLAIN: dict[Kind, Talk] = {Kind.LEGACY: _legacy, Kind.SQL: _sql, Kind.SYSLOG: _swallow}


def _browse(datagram: bytes) -> bytes | None:
    asked = ssrp.read_request(datagram)
    instance = ssrp.Instance("SQL-01", "SES", _SQL_VERSION, transports=(("tcp", "1433"),))
    if asked.instance.upper() not in {"", instance.name}:
        return None
    return ssrp.build_instances_answer([instance])


class _Answering(asyncio.DatagramProtocol):
    """Answers each datagram by itself; silent on what it does not understand."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            answer = self._answer(data)
        except WireError:
            return
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


async def _datagrams(
    place: Place, answer: Callable[[bytes], bytes | None]
) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Answering(answer), place)
    return transport
