"""The progress of a run is told as it comes, and the stream ends with the run."""

import asyncio

import msgspec

from tests.collector.serving import Body, Caller


async def test_the_stream_of_a_run_tells_its_end_and_ends(caller: Caller) -> None:
    run = (await caller.call("POST", "runs", {"src": ["con-01"]})).body
    where = f"{caller.url}/api/v1/runs/{run['id']}/events"
    async with asyncio.timeout(30), caller.session.get(where) as answer:
        told: list[Body] = []
        async for line in answer.content:
            if line.startswith(b"data:"):
                told.append(msgspec.json.decode(line.removeprefix(b"data:")))
                if len(told) == 1:
                    await caller.call("DELETE", f"runs/{run['id']}")

    assert [one["state"] for one in told] == ["running", "cancelled"]
    assert told[0] == {"id": run["id"], "state": "running", "checks": run["checks"], "done": 0}


async def test_the_stream_of_a_run_that_is_over_ends_at_once(caller: Caller) -> None:
    run = (await caller.call("POST", "runs", {"src": ["con-01"]})).body
    await caller.call("DELETE", f"runs/{run['id']}")

    told = (await caller.get(f"runs/{run['id']}/events")).content

    assert told.count(b"data:") == 1
    assert b'"state":"cancelled"' in told


async def test_a_head_of_the_stream_is_answered(caller: Caller) -> None:
    run = (await caller.call("POST", "runs", {"src": ["con-01"]})).body

    reply = await caller.call("HEAD", f"runs/{run['id']}/events")

    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/event-stream")
