"""A collector that serves on loopback, and one who calls it."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from collector.program import serving, utc_now
from collector.settings import Limits, Listen, Settings
from collector.store.sqlite import url_of
from collector.timing import Timing
from flows.messages import ProbeState, Report, Result, to_json
from flows.outcomes import Observation
from tests.collector.samples import HTTPS, INVENTORY, NOW, result_of

Body = Any
"""What JSON gives."""


@dataclass
class Moments:
    """A clock that stands still until it is told otherwise."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    """What the collector said."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Body:
        return msgspec.json.decode(self.content)

    @property
    def problem(self) -> tuple[int, str, str]:
        """Status, the last word of the type, and the detail."""
        assert self.headers["Content-Type"] == "application/problem+json"
        body = self.body
        assert body["status"] == self.status
        assert body["title"]
        return self.status, body["type"].removeprefix(PROBLEMS), body["detail"]


PROBLEMS = "https://gatewatch.invalid/problems/"


@dataclass
class Caller:
    """Calls one collector."""

    url: str
    session: aiohttp.ClientSession
    clock: Moments
    file: Path
    """Of its store."""
    seq: int = 0
    ids: dict[tuple[str, str, str, int], int] = field(default_factory=dict)

    async def call(
        self,
        method: str,
        where: str,
        body: object = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        address = self.url + (where if where.startswith("/") else f"/api/v1/{where}")
        content = data if body is None else to_json(body)
        sent = None if content is None else BytesIO(content)
        async with self.session.request(
            method, address, data=sent, params=query, headers=headers
        ) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def get(self, where: str, /, **query: str) -> Reply:
        return await self.call("GET", where, query=query)

    async def check_of(self, path: str) -> int:
        """Look up the check of a path, as its probe would."""
        view: Body = (await self.get("path", path=path)).body
        number: int = view["check"]
        return number

    async def report(
        self,
        host: str,
        seen: Mapping[str, Observation],
        *,
        stream: str = "6f1d",
        seq: int | None = None,
        **more: object,
    ) -> Reply:
        """Let a host report what it saw of some paths, now."""
        results = [
            result_of(await self.check_of(path), observation, self.clock.now)
            for path, observation in seen.items()
        ]
        self.seq += 1
        number = self.seq if seq is None else seq
        return await self.send(a_report(host, results, self.clock.now, stream, number, **more))

    async def send(self, report: object) -> Reply:
        return await self.call("POST", "reports", report)

    def rows(self) -> list[str]:
        """Dump all that the store holds."""
        with closing(sqlite3.connect(self.file)) as connection:
            return list(connection.iterdump())

    async def everything(self) -> tuple[object, ...]:
        """Take down all that could have changed: what is stored, and what is answered."""
        answers = [(await self.get(path)).body for path in ("phase", "hosts", "matrix", "plan")]
        return (self.rows(), *answers)


def a_report(
    host: str,
    results: list[Result],
    sent: datetime = NOW,
    stream: str = "6f1d",
    seq: int = 1,
    **more: object,
) -> Report:
    report = Report(
        host=host,
        stream=stream,
        seq=seq,
        sent=sent,
        probe=ProbeState(version="0.1.0"),
        results=tuple(results),
    )
    return msgspec.structs.replace(report, **more)


def settings_in(folder: Path, inventory: str = INVENTORY, limits: Limits | None = None) -> Settings:
    """Write the inventory of a collector and settle how it serves: on any free port."""
    (folder / "inventory.yaml").write_text(inventory, "utf-8")
    return Settings(
        inventory=folder / "inventory.yaml",
        store=url_of(folder / "gatewatch.db"),
        listen=Listen("127.0.0.1", 0),
        timing=Timing(),
        limits=limits or Limits(),
    )


@asynccontextmanager
async def calling(
    settings: Settings, clock: Moments | None = None, *, real: bool = False
) -> AsyncIterator[Caller]:
    """Run a collector, and call it; by the machine's own clock where it is to be a real one."""
    moments = clock or Moments()
    file = settings.inventory.with_name("gatewatch.db")
    async with (
        serving(settings, utc_now if real else moments) as url,
        aiohttp.ClientSession() as session,
    ):
        yield Caller(url, session, moments, file)


def seen_by_console() -> dict[str, Observation]:
    return {"console-backend:con-01>be-02:tcp/443": HTTPS}
