"""What a task awaits in place of a future."""

import asyncio

import pytest

from probe.platforms.wakeup import Wakeup


async def waiting(wakeup: Wakeup) -> int:
    return await wakeup


async def test_a_task_goes_on_in_the_same_turn_of_the_loop() -> None:
    loop = asyncio.get_running_loop()
    wakeup = Wakeup(loop)
    said: list[str] = []

    async def wait() -> None:
        said.append(f"woken by {await wakeup}")

    def wake() -> None:
        wakeup.wake(4)
        said.append("after the task")

    async with asyncio.TaskGroup() as group:
        group.create_task(wait())
        await asyncio.sleep(0)
        loop.call_soon(wake)

    assert said == ["woken by 4", "after the task"]
    assert wakeup.done()


async def test_a_task_that_is_cancelled_waits_no_more() -> None:
    wakeup = Wakeup(asyncio.get_running_loop())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(waiting(wakeup))
        await asyncio.sleep(0)
        assert not wakeup.done()

        task.cancel()

        assert wakeup.done()

    assert task.cancelled()


async def test_a_deadline_of_asyncio_ends_the_waiting() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await Wakeup(asyncio.get_running_loop())


async def test_it_is_too_late_to_cancel_what_was_woken() -> None:
    loop = asyncio.get_running_loop()
    wakeup = Wakeup(loop)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(waiting(wakeup))
        await asyncio.sleep(0)
        loop.call_soon(wakeup.wake, 1)
        await asyncio.sleep(0)

        assert not wakeup.cancel()

    assert task.result() == 1
    assert wakeup.get_loop() is loop
