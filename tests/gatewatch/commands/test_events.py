import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.settings import Listen
from gatewatch.answers import Event
from gatewatch.commands import events
from tests.collector.serving import Caller, calling, settings_in
from tests.fakes.api import Answer, FakeApi, problem
from tests.fakes.tcp import ClosedPort
from tests.gatewatch.running import COMMAND, a_free_port, environment, operate

STREAM = "events/stream"


def event(number: int, **more: Any) -> dict[str, Any]:
    """Write an event."""
    plain = {"kind": "turn", "subject": f"a:b>c:tcp/{number}", "reason": "refused"}
    at = f"2026-11-23T12:00:{number:02}.000Z"
    return {"id": number, "at": at, "before": "ok", "after": "broken", "by": None, **plain, **more}


def answering(stored: list[dict[str, Any]]) -> Callable[[dict[str, str]], list[dict[str, Any]]]:
    """Answer as the collector does: after an id the oldest first, else the newest first."""

    def answer(query: dict[str, str]) -> list[dict[str, Any]]:
        if "after" in query:
            return [one for one in stored if one["id"] > int(query["after"])]
        return stored[::-1][: int(query["limit"])]

    return answer


async def test_the_newest_are_shown_and_stand_at_the_bottom(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stored = [event(1), event(2, kind="phase", before=None, after="prepare"), event(3, by="ann")]
    api = FakeApi({("GET", "events"): answering(stored)})
    async with api as url:
        code = await operate(url, "events", "--limit", "2")

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert api.calls[0].query == {"limit": "2"}
    assert len(lines) == 4
    assert lines[2].endswith("phase a:b>c:tcp/2 prepare refused")
    assert lines[3].endswith("turn a:b>c:tcp/3 ok -> broken refused ann")


async def test_only_what_is_of_a_kind_or_about_a_path_or_a_host_is_asked_for() -> None:
    api = FakeApi({("GET", "events"): answering([])})
    async with api as url:
        await operate(url, "events", "--kind", "turn", "--path", "a:*", "--host", "be-01")

    assert api.calls[0].query == {"limit": "50", "kind": "turn", "path": "a:*", "host": "be-01"}


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    stored = [event(1), event(2)]
    async with FakeApi({("GET", "events"): answering(stored)}) as url:
        await operate(url, "events", "--format", "json")

    assert json.loads(capsys.readouterr().out) == stored[::-1]


@pytest.mark.parametrize("limit", ["0", "1001", "many", "-1"])
async def test_a_limit_is_a_number_of_events(limit: str) -> None:
    async with FakeApi() as url:
        assert await operate(url, "events", "--limit", limit) == 3


def streaming(*events: dict[str, Any]) -> Answer:
    """Answer with a stream that ends after these."""
    frames = [b"id: %d\ndata: %s\n\n" % (one["id"], msgspec.json.encode(one)) for one in events]
    content = b"retry: 2000\n\n" + b"".join(frames) + b": still here\n\n"
    return Answer(content, content_type="text/event-stream")


@asynccontextmanager
async def following(url: str, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Follow the events in a process of its own, which has to end within 30 s."""
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "events", "--follow", "--collector", url, *words),
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(stream: asyncio.StreamReader | None) -> bytes:
    """Read what is printed next."""
    assert stream is not None
    return await stream.readline()


async def test_what_follows_is_printed_while_the_collector_goes_and_comes() -> None:
    api = FakeApi({("GET", "events"): [event(1)], ("GET", STREAM): streaming(event(2))})
    async with api as url, following(url, "--format", "json", "--host", "b") as process:
        seen = [json.loads(await line_of(process.stdout))["id"] for _ in range(2)]
        api.answers["GET", STREAM] = problem(503, "the store is unavailable")
        complaint = await line_of(process.stderr)
        api.answers["GET", STREAM] = streaming(event(3))
        seen.append(json.loads(await line_of(process.stdout))["id"])
        process.send_signal(signal.SIGINT)
        code = await process.wait()

    asked = [call.query for call in api.calls if call.call == STREAM]
    assert (seen, code) == ([1, 2, 3], 130)
    assert complaint == b"gatewatch: the store is unavailable" + os.linesep.encode()
    assert asked[0] == {"after": "1", "host": "b"}
    assert asked[-1]["after"] in {"2", "3"}


async def test_a_stream_that_is_declined_for_good_ends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = FakeApi({("GET", "events"): [], ("GET", STREAM): problem(403, "only for viewers")})
    async with api as url:
        assert await operate(url, "events", "--follow") == 3

    assert capsys.readouterr().err == "gatewatch: only for viewers\n"


async def test_a_real_collector_is_followed_through_its_restart(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), listen=Listen("127.0.0.1", a_free_port()))
    async with AsyncExitStack() as until_the_end:
        async with calling(settings) as caller:
            follow = following(caller.url, "--limit", "1", "--format", "json")
            process = await until_the_end.enter_async_context(follow)
            told = [json.loads(await line_of(process.stdout))["kind"]]
            await set_version(caller, "2.7.1")
            told.append(json.loads(await line_of(process.stdout))["after"])
        complaint = await line_of(process.stderr)
        async with calling(settings) as caller:
            await set_version(caller, "2.7.2")
            told.append(json.loads(await line_of(process.stdout))["after"])

    assert told == ["inventory", "2.7.1", "2.7.2"]
    assert complaint.startswith(b"gatewatch: no collector answers at http://127.0.0.1:")


async def set_version(caller: Caller, version: str) -> None:
    reply = await caller.call("PATCH", "hosts", {"glob": "be-01", "version": version})
    assert reply.status == 200


async def test_to_follow_a_collector_that_is_not_there_exits_3() -> None:
    async with ClosedPort.tcp() as address:
        assert await operate(f"http://127.0.0.1:{address.port}", "events", "--follow") == 3


def test_a_line_says_when_what_and_why() -> None:
    line = events._line(msgspec.convert(event(1), Event))

    assert line.endswith("turn  a:b>c:tcp/1  ok -> broken  refused")
