"""The collector's HTTP API as a probe uses it: its assignment, and its reports (DESIGN 6).

Only what probe.yaml names is called: no redirect is followed, no proxy of the environment is asked,
and no body is read beyond its bound.
"""

import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec

from flows.errors import GatewatchError
from flows.messages import Accepted, Assignment, Check, Enrol, Enrolled, Run, to_json
from probe.collector_errors import UNREADABLE, CollectorError, one_line, refused, unreached
from probe.limits import Limits

Body = TypeVar("Body")

WAIT_SECONDS = 55
"""How long the collector may hold a poll until something changes."""
REVISION = re.compile(r"[!#-~]{1,128}")
"""It goes back in a header: an ETag (RFC 9110 8.8.3) of a bounded length."""


class _Offer(msgspec.Struct, frozen=True):
    """Of an assignment what this probe follows; what else there is, it passes over unread."""

    revision: str
    host: str
    checks: tuple[Check, ...]
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Where the collectors are, and how to get in."""

    urls: tuple[str, ...]
    """Tried in turn; without a slash at the end."""
    ca: Path | None = None
    """Whom to trust; None is whom this machine trusts."""
    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = None
    connect_seconds: float = 10.0
    answer_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    wanted: str
    """What a body should be."""
    headers: dict[str, str]
    seconds: float
    body: bytes | None = None


@dataclass(slots=True)
class Client:
    """Calls the collector that answered last, else the next in turn."""

    access: Access
    _session: aiohttp.ClientSession
    _now: Callable[[], float]
    _most_bytes: int
    """Of an answer."""
    _turn: int = field(default=0)

    async def assignment(self, host: str, revision: str | None) -> Assignment | None:
        """Ask what a host has to do; None while the revision at hand is in force.

        With a revision at hand the collector holds the answer back until something changes.
        Raises CollectorError.
        """
        path = f"/api/v1/assignments/{host}"
        seconds = self.access.answer_seconds
        headers = {}
        if revision is not None:
            path += f"?wait={WAIT_SECONDS}"
            seconds += WAIT_SECONDS
            headers["If-None-Match"] = f'"{revision}"'
        call = _Call("GET", path, "assignment", headers, seconds)
        offer = await self._call(call, _Offer)
        return None if offer is None else _assignment(offer, host)

    async def report(self, body: bytes) -> Accepted:
        """Hand over a report; it is durable once this returns. Raises CollectorError."""
        headers = {"Content-Type": "application/json"}
        seconds = self.access.answer_seconds
        call = _Call("POST", "/api/v1/reports", "receipt", headers, seconds, body)
        accepted = await self._call(call, Accepted)
        if accepted is None:
            raise CollectorError("the collector answered 304 to a report")
        return accepted

    async def enrol(self, order: Enrol) -> Enrolled:
        """Exchange an enrolment token. Raises CollectorError."""
        headers = {"Content-Type": "application/json"}
        seconds = self.access.answer_seconds
        call = _Call("POST", "/api/v1/enrol", "enrolment", headers, seconds, to_json(order))
        enrolled = await self._call(call, Enrolled)
        if enrolled is None:
            raise CollectorError("the collector answered 304 to an enrolment")
        return enrolled

    async def _call(self, call: _Call, kind: type[Body]) -> Body | None:
        """Make a call; another collector has its turn after a failure that it may not share."""
        url = self.access.urls[self._turn % len(self.access.urls)]
        try:
            return await self._exchange(url, call, kind)
        except CollectorError as error:
            if not error.is_final:
                self._turn += 1
            raise

    async def _exchange(self, url: str, call: _Call, kind: type[Body]) -> Body | None:
        timeout = aiohttp.ClientTimeout(call.seconds, sock_connect=self.access.connect_seconds)
        try:
            async with self._session.request(
                call.method,
                url + call.path,
                data=call.body,
                headers=call.headers | credential(self.access.token_file),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await _bounded(url, response, self._most_bytes)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise unreached(url, error, call.seconds) from error
        match response.status:
            case 304:
                return None
            case 200:
                return decoded(url, body, kind, call.wanted)
            case status:
                asked = response.headers.get("Retry-After")
                raise refused(url, status, body, asked, self._now())


async def _bounded(url: str, response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    too_long = CollectorError(
        f"{url} sent a body of more than {most_bytes} bytes (limits.body of probe.yaml)"
    )
    if (response.content_length or 0) > most_bytes:
        raise too_long
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most_bytes:
            raise too_long
    return bytes(body)


def decoded(url: str, body: bytes, kind: type[Body], wanted: str) -> Body:
    """Read a body as the message that it should be. Raises CollectorError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise CollectorError(f"{url} sent no {wanted}: {one_line(str(error))}") from error


def _assignment(offer: _Offer, host: str) -> Assignment:
    """Take an assignment that is this host's and that can be asked for again."""
    if offer.host != host:
        text = f"the collector sent the assignment of '{one_line(offer.host)}', not of '{host}'"
        raise CollectorError(text)
    if not REVISION.fullmatch(offer.revision):
        raise CollectorError(
            f"the collector sent an assignment whose revision '{one_line(offer.revision)}'"
            " cannot stand in an ETag"
        )
    return Assignment(
        revision=offer.revision, host=offer.host, checks=offer.checks, runs=offer.runs
    )


def credential(token_file: Path | None) -> dict[str, str]:
    """Read the token anew, so that a renewed one counts at once."""
    if token_file is None:
        return {}
    try:
        token = token_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CollectorError(f"the token in {token_file} cannot be read: {error}") from error
    if not token or not token.isprintable():
        raise CollectorError(f"the file {token_file} does not hold a token")
    return {"Authorization": f"Bearer {token}"}


def tls_context(access: Access) -> ssl.SSLContext:
    """Read whom to trust and who we are. Raises GatewatchError."""
    try:
        context = ssl.create_default_context(cafile=access.ca)
    except (OSError, ssl.SSLError) as error:
        text = f"{access.ca} does not hold the certificates of a CA in PEM: {error}"
        raise GatewatchError(text) from error
    if access.certificate is None:
        return context
    try:
        context.load_cert_chain(access.certificate, access.key)
    except (OSError, ssl.SSLError) as error:
        text = f"{access.certificate} and {access.key} do not hold a certificate and its key"
        raise GatewatchError(f"{text} in PEM: {error}") from error
    return context


@asynccontextmanager
async def open_client(
    access: Access, now: Callable[[], float], most_bytes: int = Limits().body
) -> AsyncIterator[Client]:
    """Make a client for as long as the block runs. Raises GatewatchError for unfit credentials.

    No more than `most_bytes` of an answer are read.
    """
    secure = any(url.startswith("https:") for url in access.urls)
    connector = aiohttp.TCPConnector(ssl=tls_context(access) if secure else True)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        # A compressed body may be a thousand times its size on the wire: none is asked for.
        headers={"Accept-Encoding": "identity", "User-Agent": "gatewatch-probe"},
        auto_decompress=False,
    )
    async with session:
        yield Client(access, session, now, most_bytes)
