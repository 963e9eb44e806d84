"""Taking in what other collectors wrote to the store that they share, in its order."""

import asyncio
import logging
from datetime import datetime

import msgspec

from collector.ahead import prepare
from collector.parts import Parts
from collector.store.journal import Missed
from collector.store.turn import Turn

_log = logging.getLogger(__name__)


class Others:
    """What the other collectors do."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def catch_up(self, turn: Turn) -> bool:
        """Take in all that they wrote; False where it can no longer be known."""
        while missed := await turn.missed():
            for one in missed:
                await self._take_in(one)
        return missed is not None

    async def load_anew(self, turn: Turn, now: datetime) -> None:
        """Go on from what the store holds."""
        _log.warning("this collector is too far behind the others: it reads the store anew")
        memory = await turn.load()
        if memory is not None:
            self._parts.restart(memory, now)

    async def _take_in(self, missed: Missed) -> None:
        """Let hold what one wrote; plans follow from the rest, and are made here."""
        for index, changes in enumerate(missed.batch.changes):
            if index in missed.replanned:
                plan = await asyncio.to_thread(self._parts.estate.planned, changes)
                changes = msgspec.structs.replace(changes, plan=plan)  # noqa: PLW2901 - made whole
            await prepare(self._parts.estate, [changes])
            self._parts.apply(changes)
        self._parts.connects.apply(missed.batch.connects)
