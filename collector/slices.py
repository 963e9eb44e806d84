"""Long work beside everything else: in slices, between which others have their turn.

Reports come first: a slice begins when the ledger has written what there was, and no report that
has come is unread. It waits for that no longer than its patience lasts, however busy others are.
"""

import asyncio
import time
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
SLICE_SECONDS = 0.001
"""How long others wait at most, but for a step that takes longer by itself."""
PATIENCE_SECONDS = 0.007
"""How long the work waits at most: it gets an eighth of the time of whoever is never idle."""
_TURNS = 3
"""Of the loop, in which a report that has come is read, checked and brought to the ledger."""


async def hear_out() -> None:
    """Let every report that has come get to the ledger."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class Slices:
    """Long work in one task, which asks after every step whether others want their turn."""

    def __init__(self, idle: asyncio.Event) -> None:
        """Begin; the event says that the ledger has nothing to do (`Ledger.idle`)."""
        self._idle = idle
        self._until = time.perf_counter() + SLICE_SECONDS

    async def step(self) -> None:
        """Go on at once while the slice lasts; then let others have their turn."""
        begun = time.perf_counter()
        if begun < self._until:
            return
        await hear_out()
        left = begun + PATIENCE_SECONDS - time.perf_counter()
        if left > 0 and not self._idle.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._idle.wait()
        self._until = time.perf_counter() + SLICE_SECONDS


async def in_slices(work: Generator[object, None, T], idle: asyncio.Event) -> T:
    """Do work step by step, and give what it returns; the event as for `Slices`."""
    slices = Slices(idle)
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
