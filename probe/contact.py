"""Whether something works at present; each change is said once in the log, not each attempt."""

import logging
from dataclasses import dataclass

from flows.errors import GatewatchError
from probe.clock import Clock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Contact:
    """One thing that the probe needs the collector for."""

    clock: Clock
    lost: str
    """What to say when it fails, before the reason."""
    regained: str
    """What to say when it works again, before the length of the gap."""
    _since: float | None = None

    def failed(self, error: GatewatchError) -> None:
        """Note a failure; the first one of a series is said."""
        if self._since is not None:
            log.debug("%s: %s", self.lost, error)
            return
        self._since = self.clock.monotonic()
        log.warning("%s: %s", self.lost, error)

    def worked(self) -> None:
        """Note a success; the first one after failures is said."""
        if self._since is None:
            return
        log.info("%s after %.0f s.", self.regained, self.clock.monotonic() - self._since)
        self._since = None
