"""Keeping the spool on the probe's disk, where it outlives the probe and the power.

What cannot be written stays in memory, is said once, and is written as soon as it can be.
"""

import asyncio
import logging
from dataclasses import dataclass, field

from probe.spool import Spool
from probe.spool_file import SpoolFile

SPARE_BYTES = 1 << 20
"""Of what is settled, before the file is written anew."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Keeper:
    """Writes down what happens to a spool."""

    spool: Spool
    file: SpoolFile
    is_durable: bool = False
    """Whether all that was saved is on the disk."""
    _is_open: bool = False
    _said: bool = False
    """That the disk takes nothing."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin(self) -> None:
        """Go on from what the disk holds. Raises GatewatchError where another probe has it."""
        try:
            self._open()
        except OSError as error:
            self._complain(error)

    async def save(self) -> None:
        """Have everything on the disk that happened so far, or go on without."""
        async with self._turn:
            try:
                await self._save()
            except OSError as error:
                self._complain(error)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    async def _save(self) -> None:
        if not self._is_open:
            self._open()
        if self.is_durable and self.file.size <= SPARE_BYTES + 2 * self.spool.size:
            content = self.spool.unsaved()
            if content:
                await asyncio.to_thread(self.file.append, content)
            return
        await asyncio.to_thread(self.file.replace, self.spool.snapshot())
        self._recovered()

    def _open(self) -> None:
        """Read the file, once; only then does anything overwrite it."""
        damaged = self.spool.take_over(self.file.open())
        self._is_open = True
        self.file.replace(self.spool.snapshot())
        self.is_durable = True
        if damaged:
            log.warning("The spool was damaged in %d places; what stood there is lost.", damaged)
        if len(self.spool):
            log.info("%d results of an earlier run wait to be sent.", len(self.spool))

    def _complain(self, error: OSError) -> None:
        if self.is_durable or not self._said:
            log.error("Results are kept in memory alone, the disk takes none: %s.", error)
        self._said = True
        self.is_durable = False

    def _recovered(self) -> None:
        if not self.is_durable:
            log.warning("Results are kept on the disk again.")
        self.is_durable = True
