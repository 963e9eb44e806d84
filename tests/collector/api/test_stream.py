"""Events are told as they become durable, without a gap, and to nobody who does not listen."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest

from collector.api import stream
from tests.collector.samples import CONSOLE, HTTPS, REFUSED
from tests.collector.serving import Body, Caller, calling, settings_in


class Reader:
    """Reads a stream of events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def frame(self) -> str:
        """Read up to an empty line; empty at the end of the stream."""
        lines: list[str] = []
        while line := (await self.answer.content.readline()).decode():
            if line == "\n":
                break
            lines.append(line)
        return "".join(lines)

    async def event(self) -> Body:
        """Read the next event, past what says less."""
        while frame := await self.frame():
            if frame.startswith("id: "):
                first, data = frame.splitlines()
                body = msgspec.json.decode(data.removeprefix("data: "))
                assert first == f"id: {body['id']}"
                return body
        return None


@asynccontextmanager
async def reading(
    caller: Caller, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Reader]:
    """Follow the events of a collector."""
    where = f"{caller.url}/api/v1/events/stream{query}"
    async with asyncio.timeout(30), caller.session.get(where, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Reader(answer)


async def set_version(caller: Caller, version: str) -> None:
    reply = await caller.call("PATCH", "hosts", {"glob": "be-01", "version": version})
    assert reply.status == 200


async def test_what_happens_is_told_as_the_events_say_it(caller: Caller) -> None:
    async with reading(caller) as reader:
        await set_version(caller, "2.7.1")
        told = await reader.event()

    assert told == (await caller.get("events")).body[0]
    assert (told["kind"], told["after"]) == ("version", "2.7.1")


async def test_what_happened_before_is_not_told(caller: Caller) -> None:
    await set_version(caller, "2.7.1")

    async with reading(caller) as reader:
        await set_version(caller, "2.7.2")
        told = await reader.event()

    assert told["after"] == "2.7.2"


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?after=1", {}), ("", {"Last-Event-ID": "1"}), ("?after=3", {"Last-Event-ID": "1"})],
)
async def test_who_comes_back_misses_nothing(
    caller: Caller, query: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PAGE", 3)
    for patch in range(8):
        await set_version(caller, f"2.7.{patch}")

    async with reading(caller, query, headers) as reader:
        told = [(await reader.event())["id"] for _ in range(8)]

    assert told == list(range(2, 10))


async def test_an_id_that_was_never_given_is_the_end(caller: Caller) -> None:
    async with reading(caller, "?after=1000000") as reader:
        await set_version(caller, "2.7.1")

        assert (await reader.event())["after"] == "2.7.1"


async def test_everybody_is_told_everything(caller: Caller) -> None:
    async with reading(caller) as one, reading(caller) as other:
        for version in ("2.7.1", "2.7.2"):
            await set_version(caller, version)
        told = [[(await reader.event())["after"] for _ in range(2)] for reader in (one, other)]

    assert told == [["2.7.1", "2.7.2"]] * 2


@pytest.mark.parametrize("query", ["?kind=suspect", f"?path={CONSOLE[:15]}*", "?host=be-02"])
async def test_only_what_is_asked_for_is_told(caller: Caller, query: str) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    async with reading(caller, query) as reader:
        await set_version(caller, "2.7.1")
        caller.clock.pass_by(5)
        await caller.report("con-01", {CONSOLE: REFUSED})
        told = await reader.event()

    assert (told["kind"], told["subject"]) == ("suspect", CONSOLE)


async def test_a_heartbeat_says_that_the_collector_is_there(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)

    async with reading(caller) as reader:
        frames = [await reader.frame() for _ in range(3)]

    assert frames == ["retry: 2000\n", ": still here\n", ": still here\n"]


async def test_the_stream_ends_with_the_collector(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        async with calling(settings_in(tmp_path)) as caller:
            answer = await session.get(f"{caller.url}/api/v1/events/stream")
            reader = Reader(answer)
            await reader.frame()

        assert await reader.event() is None
        assert answer.content.at_eof()
        answer.close()


async def test_a_reader_that_left_is_let_go(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.02)
    async with reading(caller) as reader:
        await reader.frame()
        assert await followers(caller) == 1

    async with asyncio.timeout(10):
        while await followers(caller):
            pass


async def followers(caller: Caller) -> int:
    page = (await caller.get("/metrics/self")).content.decode()
    found = next(
        line for line in page.splitlines() if "_event_streams " in line and "#" not in line
    )
    return int(float(found.split()[1]))


async def test_a_reader_that_takes_nothing_is_cut_off(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "collector.api.stream")
    monkeypatch.setattr(stream, "PATIENCE_SECONDS", 0.2)
    reason = "x" * 500_000
    for number in range(20):
        phase = ("prepare", "baseline")[number % 2]
        await caller.call("PUT", "phase", {"phase": phase, "force": True, "reason": reason})

    parts = urlsplit(caller.url)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((parts.hostname, parts.port))
        slow.sendall(b"GET /api/v1/events/stream?after=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(20):
            while not any("cut off 127.0.0.1" in message for message in caplog.messages):
                await followers(caller)

    assert await followers(caller) == 0


async def test_too_many_readers_are_told_to_come_later(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    async with reading(caller) as reader:
        await reader.frame()
        reply = await caller.get("events/stream")

    assert reply.problem == (
        429,
        "too-many-streams",
        "1 readers follow already: ask again later",
    )
    assert reply.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("query", "headers", "detail"),
    [
        ({"after": "-1"}, {}, "the query of /api/v1/events/stream: Expected `int` >= 0"),
        ({"since": "1"}, {}, "the query of /api/v1/events/stream: Object contains unknown field"),
        ({}, {"Last-Event-ID": "soon"}, "the header Last-Event-ID is no event's id: Expected"),
    ],
)
async def test_a_place_that_is_none_is_declined(
    caller: Caller, query: dict[str, str], headers: dict[str, str], detail: str
) -> None:
    reply = await caller.call("GET", "events/stream", query=query, headers=headers)

    status, kind, said = reply.problem
    assert (status, kind) == (400, "bad-query")
    assert said.startswith(detail)


async def test_a_head_has_no_body(caller: Caller) -> None:
    reply = await caller.call("HEAD", "events/stream")

    assert (reply.status, reply.content) == (200, b"")
