"""How late the event loop is: whatever holds it in one piece keeps everybody waiting so long."""

import asyncio
import time
from collections.abc import Callable

BEAT_SECONDS = 0.01
"""A block is seen as no more than this shorter than it was."""


async def beat(
    late: Callable[[float], object], clock: Callable[[], float] = time.monotonic
) -> None:
    """Tell after each beat by how many seconds it was late, until cancelled.

    The loop's own clock would not do: uvloop's stands still between two turns.
    """
    while True:
        due = clock() + BEAT_SECONDS
        await asyncio.sleep(BEAT_SECONDS)
        late(max(0.0, clock() - due))
