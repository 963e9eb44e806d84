"""A collector on a real socket: hands out one assignment and takes reports, as it is told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from flows.messages import Accepted, Assignment, Check, ProblemDocument, Report, Result, to_json
from flows.outcomes import Service

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer instead of doing what was asked."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, detail: str, **headers: str) -> Reply:
    """Answer with a problem document."""
    document = ProblemDocument(
        type="https://gatewatch.invalid/problems/test", title="Test", status=status, detail=detail
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, to_json(document), {"Content-Type": "application/problem+json", **named})


def a_check(identifier: int = 1, **changes: object) -> Check:
    """Make a check that is due at the full second, every 15 s."""
    plain: dict[str, object] = {
        "id": identifier,
        "address": "127.0.0.1",
        "name": None,
        "proto": "tcp",
        "port": 1000 + identifier,
        "services": (Service.TCP,),
        "interval": 15.0,
        "deadline": 4.0,
        "offset": 0.0,
    }
    return msgspec.convert(plain | changes, Check)


def an_assignment(*checks: Check, revision: str = "r1", host: str = "con-01") -> Assignment:
    """Make an assignment of these checks."""
    return Assignment(revision=revision, host=host, checks=checks)


class FakeCollector:
    """Serves the two calls of a probe; everything that came in is kept."""

    def __init__(self) -> None:
        self.assignment = an_assignment()
        self.polls: list[web.BaseRequest] = []
        self.reports: list[Report] = []
        """Every attempt, answered well or not."""
        self.results: list[Result] = []
        """Of each report once, when it was acknowledged."""
        self.authorizations: list[str | None] = []
        self.poll_replies: deque[Reply] = deque()
        self.report_replies: deque[Reply] = deque()
        self.holds_reports = False
        """True never answers a report."""
        self.holds_polls = True
        """False answers a long poll at once."""
        self._seen: set[tuple[str, int]] = set()
        self._changed = asyncio.Event()
        self._happened = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def up(self) -> None:
        """Serve, from the second time on at the same port."""
        app = web.Application()
        app.router.add_get("/api/v1/assignments/{host}", self._assignments)
        app.router.add_post("/api/v1/reports", self._reports)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Stop serving; whoever is connected is cut off."""
        if self._runner is not None:
            await self._runner.cleanup()

    def assign(self, assignment: Assignment) -> None:
        """Change the assignment; polls that are held are answered."""
        self.assignment = assignment
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that came in makes the condition true."""
        while not condition():
            self._happened.clear()
            await self._happened.wait()

    async def until_polls(self, count: int) -> None:
        """Wait until so many polls came in."""
        await self.until(lambda: len(self.polls) >= count)

    async def _assignments(self, request: web.Request) -> web.Response:
        self.polls.append(request)
        self._happened.set()
        if self.poll_replies:
            return _answer(self.poll_replies.popleft())
        changed = self._changed
        if self._is_known(request) and "wait" in request.query and self.holds_polls:
            await changed.wait()
        if self._is_known(request):
            return web.Response(status=304)
        tag = {"ETag": f'"{self.assignment.revision}"'}
        body = to_json(self.assignment)
        return web.Response(body=body, headers=tag, content_type="application/json")

    def _is_known(self, request: web.Request) -> bool:
        return request.headers.get("If-None-Match") == f'"{self.assignment.revision}"'

    async def _reports(self, request: web.Request) -> web.Response:
        report = msgspec.json.decode(await request.read(), type=Report)
        self.reports.append(report)
        self.authorizations.append(request.headers.get("Authorization"))
        self._happened.set()
        if self.holds_reports:
            await asyncio.Event().wait()
        if self.report_replies:
            return _answer(self.report_replies.popleft())
        if (report.stream, report.seq) not in self._seen:
            self._seen.add((report.stream, report.seq))
            self.results += report.results
        body = to_json(Accepted(seq=report.seq))
        return web.Response(body=body, content_type="application/json")


def _answer(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


@asynccontextmanager
async def serving() -> AsyncIterator[FakeCollector]:
    """Run a collector for as long as the block runs."""
    collector = FakeCollector()
    await collector.up()
    try:
        yield collector
    finally:
        await collector.down()
