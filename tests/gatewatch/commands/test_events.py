import asyncio
import json
import os
import signal
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gatewatch.answers import Event
from gatewatch.commands import events
from tests.fakes.api import FakeApi, problem
from tests.fakes.tcp import ClosedPort
from tests.gatewatch.running import COMMAND, environment, operate


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


async def test_only_what_is_about_a_path_or_a_host_is_asked_for() -> None:
    api = FakeApi({("GET", "events"): answering([])})
    async with api as url:
        await operate(url, "events", "--path", "a:*", "--host", "be-01")

    assert api.calls[0].query == {"limit": "50", "path": "a:*", "host": "be-01"}


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    stored = [event(1), event(2)]
    async with FakeApi({("GET", "events"): answering(stored)}) as url:
        await operate(url, "events", "--format", "json")

    assert json.loads(capsys.readouterr().out) == stored[::-1]


@pytest.mark.parametrize("limit", ["0", "1001", "many", "-1"])
async def test_a_limit_is_a_number_of_events(limit: str) -> None:
    async with FakeApi() as url:
        assert await operate(url, "events", "--limit", limit) == 3


async def test_what_follows_is_printed_while_the_collector_goes_and_comes() -> None:
    stored = [event(1)]
    api = FakeApi({("GET", "events"): answering(stored)})
    async with api as url:
        following = await asyncio.create_subprocess_exec(
            *(*COMMAND, "events", "--follow", "--collector", url, "--format", "json"),
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert following.stdout is not None
        assert following.stderr is not None
        async with asyncio.timeout(30):
            first = json.loads(await following.stdout.readline())
            api.answers["GET", "events"] = problem(503, "the store is unavailable")
            complaint = await following.stderr.readline()
            stored.append(event(2))
            api.answers["GET", "events"] = answering(stored)
            second = json.loads(await following.stdout.readline())
            following.send_signal(signal.SIGINT)
            code = await following.wait()

    assert (first["id"], second["id"], code) == (1, 2, 130)
    assert complaint == b"gatewatch: the store is unavailable" + os.linesep.encode()


async def test_to_follow_a_collector_that_is_not_there_exits_3() -> None:
    async with ClosedPort.tcp() as address:
        assert await operate(f"http://127.0.0.1:{address.port}", "events", "--follow") == 3


def test_a_line_says_when_what_and_why() -> None:
    line = events._line(msgspec.convert(event(1), Event))

    assert line.endswith("turn  a:b>c:tcp/1  ok -> broken  refused")
