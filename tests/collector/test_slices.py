import asyncio
from collections.abc import Generator

import pytest

from collector.slices import PAUSE_SECONDS, SLICE_SECONDS, in_slices


def counting(steps: int, walked: list[int]) -> Generator[None, None, str]:
    for step in range(steps):
        walked.append(step)
        yield
    return "done"


async def test_work_in_slices_gives_what_it_returns() -> None:
    walked: list[int] = []

    assert await in_slices(counting(100, walked)) == "done"
    assert walked == list(range(100))


async def test_others_have_their_turn_between_slices() -> None:
    walked: list[int] = []
    seen: list[int] = []

    async def looking_on() -> None:
        while len(walked) < steps:
            seen.append(len(walked))
            await asyncio.sleep(0)

    steps = 200_000
    await asyncio.gather(in_slices(counting(steps, walked)), looking_on())

    assert any(0 < count < steps for count in seen)


async def test_work_that_fails_tells_it_to_whoever_waits() -> None:
    def failing() -> Generator[None, None, None]:
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        await in_slices(failing())


class Turns:
    """A loop with a clock of its own, on which others take so long for each turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, others_seconds: float) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._others_seconds = others_seconds
        monkeypatch.setattr("collector.slices.time.perf_counter", lambda: self.now)
        monkeypatch.setattr("collector.slices.asyncio.sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds or self._others_seconds

    def working(self, steps: int) -> Generator[None, None, None]:
        for _ in range(steps):
            self.now += SLICE_SECONDS / 4
            yield


@pytest.mark.parametrize(
    ("others_seconds", "slept"),
    [(0.00001, [0, 0]), (0.005, [0, PAUSE_SECONDS, 0, PAUSE_SECONDS])],
    ids=["idle", "busy"],
)
async def test_others_get_a_pause_after_each_slice_only_while_they_are_busy(
    monkeypatch: pytest.MonkeyPatch, others_seconds: float, slept: list[float]
) -> None:
    turns = Turns(monkeypatch, others_seconds)

    await in_slices(turns.working(8))

    assert turns.slept == slept
