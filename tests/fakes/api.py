"""A collector's API on a real socket: answers what a test wrote, and keeps what it was asked."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asked or told."""

    method: str
    call: str
    """Below /api/v1/."""
    query: dict[str, str]
    body: Any
    token: str | None


@dataclass
class FakeApi:
    """Answers each call as `answers` says."""

    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By method and call: a body, an `Answer`, or what makes one of the query."""
    calls: list[Call] = field(default_factory=list)

    async def __aenter__(self) -> str:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{call:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        call = request.match_info["call"].removeprefix("api/v1/")
        content = await request.read()
        self.calls.append(
            Call(
                request.method,
                call,
                dict(request.query),
                msgspec.json.decode(content) if content else None,
                request.headers.get("Authorization"),
            )
        )
        found = self.answers.get((request.method, call))
        if callable(found):
            found = found(dict(request.query))
        if found is None:
            return problem(404, f"there is nothing at {request.path}").response()
        if isinstance(found, Answer):
            return found.response()
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no plain body."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"

    def response(self) -> web.Response:
        """Write it."""
        return web.Response(body=self.body, status=self.status, content_type=self.content_type)


def problem(status: int, detail: str, **more: Any) -> Answer:
    """Answer with a problem document."""
    kind = "https://gatewatch.invalid/problems/test"
    document = {"type": kind, "title": "Test", "status": status, "detail": detail, **more}
    return Answer(msgspec.json.encode(document), status, PROBLEM)
