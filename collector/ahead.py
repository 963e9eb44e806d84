"""What takes long, made beforehand and in a thread: plans, and what follows from them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from collector.estate import Estate
from collector.memory import Changes
from collector.parts import Parts
from collector.planning import is_same
from collector.state import State
from flows.versions import Versions

MadeOf = Callable[[State], Versions]
"""Says what a plan would be made of."""


class Ahead:
    """Plans ahead, for one decision at a time: a plan takes a core, and much memory."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def planned(self, made_of: MadeOf) -> AsyncIterator[None]:
        """Have a plan made for what is decided in the block. Raises what `made_of` does.

        Where something else came to hold meanwhile, the decision makes another one itself.
        """
        async with self._turn:
            state = self._parts.estate.state
            versions = await asyncio.to_thread(made_of, state)
            if not is_same(state.plan.versions, versions):
                await asyncio.to_thread(state.planner.plan_ahead, versions)
            try:
                yield
            finally:
                state.planner.forget()


async def prepare(estate: Estate, decided: Iterable[Changes]) -> None:
    """Make what follows from another plan or phase, or a run, while calls are answered."""
    for changes in decided:
        if changes.plan is not None or changes.phase is not None or changes.runs:
            await asyncio.to_thread(estate.prepare, changes)
