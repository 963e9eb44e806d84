import asyncio
import time

from collector.heartbeat import BEAT_SECONDS, beat

HELD_SECONDS = 0.2


async def test_a_block_of_the_event_loop_shows_but_for_one_beat() -> None:
    late: list[float] = []
    beaten = asyncio.Event()

    def note(seconds: float) -> None:
        late.append(seconds)
        beaten.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        beating = tasks.create_task(beat(note))
        await beaten.wait()
        beaten.clear()
        time.sleep(HELD_SECONDS)  # noqa: ASYNC251 - to hold the loop is the point
        await beaten.wait()
        beating.cancel()

    assert late[1] >= HELD_SECONDS - BEAT_SECONDS


async def test_a_beat_is_never_early() -> None:
    late: list[float] = []
    beaten = asyncio.Event()

    def note(seconds: float) -> None:
        late.append(seconds)
        beaten.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        beating = tasks.create_task(beat(note, clock=lambda: 7.0))
        await beaten.wait()
        beating.cancel()

    assert late == [0.0]
