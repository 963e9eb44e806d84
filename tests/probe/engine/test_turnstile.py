import asyncio

import pytest

from probe.engine.turnstile import Turnstile


def turnstile(at_a_time: int = 9, per_second: int = 9) -> Turnstile:
    return Turnstile(at_a_time, per_second, asyncio.get_running_loop().time)


async def test_no_more_than_the_limit_are_inside() -> None:
    passing = turnstile(at_a_time=2)
    both = asyncio.Barrier(2)
    inside, most = 0, 0

    async def pass_through() -> None:
        nonlocal inside, most
        async with passing:
            inside += 1
            most = max(most, inside)
            await both.wait()
            inside -= 1

    await asyncio.gather(*(pass_through() for _ in range(8)))

    assert most == 2


async def test_no_second_sees_more_than_the_limit_pass() -> None:
    now, passed = 100.0, []

    async def pass_through(gate: Turnstile) -> None:
        async with gate:
            passed.append(now)

    gate = Turnstile(9, 3, lambda: now)
    for _ in range(3):
        await pass_through(gate)
    async with asyncio.TaskGroup() as group:
        held = group.create_task(pass_through(gate))
        await asyncio.sleep(0)
        held_back = not held.done()
        held.cancel()
    now += 1.0
    await pass_through(gate)

    assert (held_back, passed) == (True, [100.0] * 3 + [101.0])


async def test_who_stops_waiting_leaves_the_place_to_others() -> None:
    gate = turnstile(at_a_time=1, per_second=1)
    async with gate:
        pass
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(gate.__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()

    assert waiting.cancelled()
    async with asyncio.timeout(5), gate:
        pass


async def test_a_place_is_given_back_whatever_happens_inside() -> None:
    gate = turnstile(at_a_time=1)

    for _ in range(2):
        with pytest.raises(KeyError):
            async with gate:
                raise KeyError
