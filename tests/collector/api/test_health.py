"""Alive is not ready: ready means that reports can be made durable."""

from pathlib import Path

from tests.collector.serving import Caller


def remove(file: Path) -> None:
    file.unlink()


async def test_a_collector_that_answers_is_alive(caller: Caller) -> None:
    reply = await caller.get("/healthz")

    assert (reply.status, reply.body) == (200, {"status": "ok"})


async def test_a_collector_that_can_write_is_ready(caller: Caller) -> None:
    reply = await caller.get("/readyz")

    assert (reply.status, reply.body) == (200, {"status": "ready"})


async def test_a_collector_without_its_store_is_alive_and_not_ready(caller: Caller) -> None:
    remove(caller.file)

    reply = await caller.get("/readyz")

    assert reply.problem == (
        503,
        "store-unavailable",
        f"the store {caller.file} cannot be written: [Errno 2] No such file or directory:"
        f" '{caller.file}': nothing was changed, try again",
    )
    assert reply.headers["Retry-After"] == "5"
    assert (await caller.get("/healthz")).status == 200


async def test_a_write_that_just_succeeded_speaks_for_the_store(caller: Caller) -> None:
    await caller.get("/readyz")
    remove(caller.file)

    assert (await caller.get("/readyz")).status == 200

    caller.clock.pass_by(10)

    assert (await caller.get("/readyz")).status == 503
