import asyncio
from collections.abc import Callable, Generator

import pytest

from collector.slices import SLICE_SECONDS, in_slices

FOR_EVER = 60.0


@pytest.fixture
def idle() -> asyncio.Event:
    """Nobody has anything to write."""
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda seconds: monkeypatch.setattr("collector.slices.PATIENCE_SECONDS", seconds)


def counting(steps: int, walked: list[int]) -> Generator[None, None, str]:
    for step in range(steps):
        walked.append(step)
        yield
    return "done"


class Slow:
    """Work each step of which takes a slice, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.walked: list[int] = []
        self.now = 0.0
        monkeypatch.setattr("collector.slices.time.perf_counter", lambda: self.now)

    def steps(self, count: int) -> Generator[None, None, str]:
        for step in counting(count, self.walked):
            self.now += SLICE_SECONDS
            yield step
        return "done"


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_work_in_slices_gives_what_it_returns(idle: asyncio.Event) -> None:
    walked: list[int] = []

    assert await in_slices(counting(100, walked), idle) == "done"
    assert walked == list(range(100))


async def test_others_have_turns_between_slices(
    idle: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, seen = Slow(monkeypatch), list[int]()

    async def looking_on() -> None:
        while len(slow.walked) < 5:
            seen.append(len(slow.walked))
            await asyncio.sleep(0)

    await asyncio.gather(in_slices(slow.steps(5), idle), looking_on())

    assert all(seen.count(slices) >= 2 for slices in range(1, 5))


async def test_steps_of_one_slice_follow_each_other(
    idle: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.slices.time.perf_counter", lambda: 0.0)
    walked: list[int] = []

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(in_slices(counting(1000, walked), idle))
        await turns(1)
        assert len(walked) == 1000


async def test_work_waits_while_others_are_busy(
    idle: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
    patience: Callable[[float], None],
) -> None:
    patience(FOR_EVER)
    slow = Slow(monkeypatch)
    idle.clear()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(in_slices(slow.steps(3), idle))
        await turns(50)
        assert slow.walked == [0]
        idle.set()

    assert slow.walked == [0, 1, 2]


async def test_work_goes_on_however_busy_others_are(
    idle: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
    patience: Callable[[float], None],
) -> None:
    patience(0.0001)
    idle.clear()

    assert await in_slices(Slow(monkeypatch).steps(20), idle) == "done"


async def test_turns_that_take_long_are_part_of_what_work_waits(
    idle: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
    patience: Callable[[float], None],
) -> None:
    patience(FOR_EVER)
    idle.clear()
    slow = Slow(monkeypatch)

    async with asyncio.timeout(FOR_EVER / 2), asyncio.TaskGroup() as tasks:
        work = tasks.create_task(in_slices(slow.steps(3), idle))
        while not work.done():
            slow.now += FOR_EVER
            await asyncio.sleep(0)

    assert slow.walked == [0, 1, 2]


async def test_work_that_fails_tells_it_to_whoever_waits(idle: asyncio.Event) -> None:
    def failing() -> Generator[None, None, None]:
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        await in_slices(failing(), idle)
