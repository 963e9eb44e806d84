"""The collector's HTTP API as an operator's commands call it (DESIGN 6)."""

import argparse
import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

import aiohttp
import msgspec

from flows.errors import GatewatchError, UsageError
from flows.messages import ProblemDocument
from gatewatch.arguments import COLLECTOR
from gatewatch.estate import read_text
from gatewatch.terminal import write

PATIENCE_SECONDS = 60.0
"""For a whole answer; a stream of events has no end."""
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 45.0
"""Of a stream, which says every 15 s that it is still there."""
LONGEST_LINE = 1 << 20
"""Bytes; an event is one line, and carries what an operator wrote."""
Body = TypeVar("Body")
_TOKEN = re.compile(r"[!-~]+")
"""What the header Authorization can carry (RFC 6750)."""


class NoCollectorError(GatewatchError):
    """Nobody answers there, or not as a collector does."""


class DeclinedError(GatewatchError):
    """The collector answered with a problem document; its detail is the message."""

    def __init__(self, status: int, detail: str, body: bytes) -> None:
        super().__init__(detail)
        self.status = status
        self.body = body
        """The whole document: some carry more than the detail."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the collector is and how to speak to it."""

    url: str
    token: str | None = None
    ca: str | None = None
    """File with CA certificates to trust; None trusts what this machine trusts."""


def connection_of(
    arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> Connection:
    """Read how to reach the collector; raises UsageError where that is no use."""
    url = arguments.collector or environment.get("GATEWATCH_COLLECTOR") or COLLECTOR
    if not _is_url(url):
        raise UsageError(f"'{url}' is no collector's URL, such as https://watch.acme.example:8642")
    token = read_text(arguments.token_file).strip() if arguments.token_file else None
    if token is not None and not _TOKEN.fullmatch(token):
        raise UsageError(f"{arguments.token_file} holds no token: one word on one line")
    return Connection(url.rstrip("/"), token, arguments.ca)


def _is_url(word: str) -> bool:
    try:
        parts = urlsplit(word)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@asynccontextmanager
async def open_api(connection: Connection) -> AsyncIterator["Api"]:
    """Open a session with the collector."""
    headers = {"Authorization": f"Bearer {connection.token}"} if connection.token else {}
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS, sock_connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(ssl=_trust(connection.ca))
    async with aiohttp.ClientSession(
        headers=headers, timeout=timeout, connector=connector
    ) as session:
        yield Api(connection.url, session)


def _trust(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise UsageError(f"cannot read CA certificates from {ca}: {error}") from None


class _Options(TypedDict, total=False):
    """What calls differ in."""

    data: bytes | None
    headers: Mapping[str, str]
    timeout: aiohttp.ClientTimeout


class Api:
    """One collector."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def get(self, call: str, **query: str) -> bytes:
        """Ask; returns the body. Raises DeclinedError or NoCollectorError."""
        return await self._request("GET", call, query, None)

    async def send(self, method: str, call: str, body: object, **query: str) -> bytes:
        """Tell; returns the body. Raises DeclinedError or NoCollectorError."""
        return await self._request(method, call, query, msgspec.json.encode(body))

    @asynccontextmanager
    async def follow(self, call: str, **query: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a stream; gives the data of its events as they come, until the collector ends it.

        Raises DeclinedError or NoCollectorError, the latter also for one that falls silent.
        """
        silence = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
        )
        async with self._answer("GET", call, query, timeout=silence) as answer:
            yield _data(answer.content)

    async def _request(
        self, method: str, call: str, query: Mapping[str, str], body: bytes | None
    ) -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        async with self._answer(method, call, query, data=body, headers=headers) as answer:
            return await answer.read()

    @asynccontextmanager
    async def _answer(
        self, method: str, call: str, query: Mapping[str, str], **more: Unpack[_Options]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Get an answer that is no problem."""
        try:
            async with self._session.request(
                method,
                f"{self._url}/api/v1/{call}",
                params=query,
                allow_redirects=False,
                read_bufsize=LONGEST_LINE,
                **more,
            ) as answer:
                if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                    raise self._declined(answer.status, await answer.read())
                yield answer
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._absent(error) from error

    def _declined(self, status: int, content: bytes) -> GatewatchError:
        try:
            problem = msgspec.json.decode(content, type=ProblemDocument)
        except msgspec.DecodeError:
            return NoCollectorError(
                f"{self._url} answers {status}, but not as a Gatewatch collector"
            )
        return DeclinedError(status, problem.detail, content)

    def _absent(self, error: Exception) -> NoCollectorError:
        return NoCollectorError(
            f"no collector answers at {self._url} ({_why(error)}):"
            " start one with 'gatewatch collector', or name it with --collector"
        )


async def _data(lines: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Read the data of server-sent events; ours are one line each."""
    async for line in lines:
        if line.startswith(b"data:"):
            yield line.removeprefix(b"data:").strip()


def _why(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not trusted: {error.certificate_error}"
        case aiohttp.ClientConnectorError():
            said = error.strerror or str(error.os_error)
            # asyncio puts a text of its own in the place of the system's.
            by_asyncio = said.startswith("Connect call failed")
            return os.strerror(error.errno or 0) if by_asyncio else said
        case TimeoutError():
            return "it is silent"
        case _:
            return str(error) or type(error).__name__


def decoded(content: bytes, kind: type[Body]) -> Body:
    """Read a body of the collector; raises NoCollectorError where it says something else."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise NoCollectorError(
            f"the collector's answer is not understood ({error}): is it of another release?"
        ) from error


def ask(connection: Connection, call: str, **query: str) -> bytes:
    """Ask one question and return the body; raises as `Api.get` does."""

    async def get() -> bytes:
        async with open_api(connection) as api:
            return await api.get(call, **query)

    return asyncio.run(get())


def tell(connection: Connection, method: str, call: str, body: object, **query: str) -> bytes:
    """Give one order and return the body; raises as `Api.send` does."""

    async def send() -> bytes:
        async with open_api(connection) as api:
            return await api.send(method, call, body, **query)

    return asyncio.run(send())


def show_json(content: bytes) -> None:
    """Print a body as the collector wrote it."""
    write([content, b"\n"])
