"""Long work beside everything else: in slices, between which others have their turn.

What others do takes several turns: a report is read, decided, written by a thread, answered. So
while they are busy, they get a pause from the long work and not a single turn.
"""

import asyncio
import time
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
SLICE_SECONDS = 0.001
"""How long others wait at most, but for a step that takes longer by itself."""
PAUSE_SECONDS = 0.002
"""What others get after a slice while they are busy; the work still gets a third of the time."""
_BUSY_SECONDS = 0.0003
"""Whoever takes as long for one turn is busy."""


class Slices:
    """Long work in one task, which asks after every step whether others want their turn."""

    def __init__(self) -> None:
        self._until = time.perf_counter() + SLICE_SECONDS

    async def step(self) -> None:
        """Go on at once while the slice lasts; then let others have their turn."""
        begun = time.perf_counter()
        if begun < self._until:
            return
        await asyncio.sleep(0)
        if time.perf_counter() - begun > _BUSY_SECONDS:
            await asyncio.sleep(PAUSE_SECONDS)
        self._until = time.perf_counter() + SLICE_SECONDS


async def in_slices(work: Generator[object, None, T]) -> T:
    """Do work step by step, and give what it returns."""
    slices = Slices()
    try:
        while True:
            next(work)
            await slices.step()
    except StopIteration as done:
        value: T = done.value
        return value


def collected(items: Iterable[T]) -> Generator[None, None, list[T]]:
    """Collect items, each by a step."""
    found: list[T] = []
    for item in items:
        found.append(item)
        yield
    return found
