"""Blocking calls in threads of their own."""

import asyncio
import threading

import pytest

from probe.platforms.threads import in_thread

PATIENCE_SECONDS = 5.0


async def test_the_answer_of_a_blocking_call_is_awaited() -> None:
    assert await in_thread(threading.current_thread) is not threading.current_thread()


async def test_what_it_raises_is_raised_where_it_is_awaited() -> None:
    def fail() -> None:
        raise OSError(5, "as the system says it")

    with pytest.raises(OSError, match="as the system says it"):
        await in_thread(fail)


async def test_more_calls_than_any_pool_has_threads_wait_at_the_same_time() -> None:
    together = threading.Barrier(65)

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(
            *(in_thread(lambda: together.wait(PATIENCE_SECONDS)) for _ in range(65))
        )


async def test_a_call_does_not_hold_up_the_end_of_the_program() -> None:
    told = in_thread(lambda: threading.current_thread().daemon)

    assert await told


async def test_an_answer_that_nobody_waits_for_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    may_end, ended = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        may_end.wait(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.call_soon, ended.set)
        raise OSError(5, "too late")

    future = in_thread(work)
    future.cancel()
    may_end.set()
    await ended.wait()

    assert future.cancelled()
    assert not caplog.records


def test_a_call_that_outlives_its_loop_harms_nobody() -> None:
    may_end = threading.Event()

    async def leave() -> None:
        _ = in_thread(lambda: may_end.wait(PATIENCE_SECONDS))

    before = set(threading.enumerate())
    asyncio.run(leave())
    (left,) = set(threading.enumerate()) - before

    may_end.set()
    left.join(PATIENCE_SECONDS)

    assert not left.is_alive()
