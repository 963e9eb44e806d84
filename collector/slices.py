"""Long work beside everything else: in slices, between which others have their turn."""

import asyncio
import time
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
SLICE_SECONDS = 0.003
"""How long others wait at most, but for a step that takes longer by itself."""


async def in_slices(work: Generator[object, None, T]) -> T:
    """Do work step by step, and give what it returns."""
    try:
        while True:
            until = time.perf_counter() + SLICE_SECONDS
            while time.perf_counter() < until:
                next(work)
            await asyncio.sleep(0)
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
