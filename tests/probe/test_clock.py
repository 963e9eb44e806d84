import asyncio
import time

from probe.clock import SystemClock, pause


async def test_an_event_ends_the_wait() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)

    assert await SystemClock().wait(event, 60.0) is True


async def test_an_event_may_be_awaited_without_end() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)

    assert await SystemClock().wait(event, None) is True


async def test_time_ends_the_wait() -> None:
    assert await SystemClock().wait(asyncio.Event(), 0.001) is False


async def test_a_pause_takes_its_time() -> None:
    clock = SystemClock()
    began = clock.monotonic()

    await pause(clock, 0.01)

    assert clock.monotonic() - began >= 0.009


def test_now_is_the_time_of_this_machine() -> None:
    before = time.time()

    now = SystemClock().now()

    assert before <= now <= time.time()
