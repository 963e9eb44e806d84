import asyncio
from collections.abc import Generator

import pytest

from collector.slices import in_slices


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
