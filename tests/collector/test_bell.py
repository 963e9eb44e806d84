"""Long-polls hear of a change at once, and of nothing else."""

import asyncio

import pytest

from collector.bell import Bell


async def until_waiting(bell: Bell, count: int) -> None:
    """Let the tasks that were just made begin to wait."""
    await asyncio.sleep(0)
    assert bell.waiting == count


async def test_a_bell_wakes_who_waits_for_its_host() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        con = tasks.create_task(bell.wait("con-01", 30))
        pc = tasks.create_task(bell.wait("pc-001", 0.05))
        await until_waiting(bell, 2)

        bell.ring(["con-01", "nobody"])

    assert (con.result(), pc.result()) == (True, False)


async def test_a_bell_for_all_wakes_everybody() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        waiters = [tasks.create_task(bell.wait(host, 30)) for host in ("a", "a", "b")]
        await until_waiting(bell, 3)

        bell.ring()

    assert [waiter.result() for waiter in waiters] == [True, True, True]
    assert bell.waiting == 0


async def test_a_bell_that_rang_before_wakes_nobody() -> None:
    bell = Bell()

    bell.ring()

    assert await bell.wait("a", 0.01) is False


async def test_a_waiter_that_goes_away_is_forgotten() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        waiter = tasks.create_task(bell.wait("a", 30))
        await until_waiting(bell, 1)

        waiter.cancel()

    assert bell.waiting == 0


async def test_a_closed_bell_lets_everybody_go() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        waiter = tasks.create_task(bell.wait("a", 30))
        await until_waiting(bell, 1)

        bell.close()

    assert waiter.result() is False
    assert await bell.wait("a", 30) is False


async def test_many_are_woken_by_and_by_so_that_others_have_their_turn() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        waiters = [tasks.create_task(bell.wait(f"pc-{n}", 30)) for n in range(1000)]
        await until_waiting(bell, 1000)

        bell.ring()
        turns = 0
        while bell.waiting:
            await asyncio.sleep(0)
            turns += 1

    assert turns >= 10
    assert all(waiter.result() for waiter in waiters)


async def test_who_begins_to_wait_while_others_are_woken_is_not_woken() -> None:
    bell = Bell()
    async with asyncio.TaskGroup() as tasks:
        for n in range(1000):
            tasks.create_task(bell.wait(f"pc-{n}", 30))
        await until_waiting(bell, 1000)

        bell.ring()
        late = tasks.create_task(bell.wait("pc-999", 0.05))

    assert late.result() is False


async def test_the_young_are_looked_at_as_hundreds_are_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []
    bell = Bell()
    monkeypatch.setattr("collector.bell.look_at_the_young", lambda: looks.append(bell.waiting))
    async with asyncio.TaskGroup() as tasks:
        for n in range(1000):
            tasks.create_task(bell.wait(f"pc-{n}", 30))
        await until_waiting(bell, 1000)

        bell.ring(["pc-0"])
        bell.ring()

    assert len(looks) == 2
    assert looks[0] > looks[1] > 0
