"""How long to wait before the next attempt: exponential, with full jitter.

Full jitter (a uniform draw between nothing and the ceiling) spreads a fleet that lost its collector
at the same moment over the whole of the wait, so that its return is no stampede.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
LONGEST_ASKED_SECONDS = 300.0
"""What a collector may ask for by Retry-After; a wrong header shall not silence a probe."""


@dataclass(slots=True)
class Backoff:
    """The waits of one series of failures."""

    random: Callable[[], float]
    """Draws from [0, 1)."""
    failures: int = 0

    def after_failure(self, asked_seconds: float | None = None) -> float:
        """Count a failure and say how many seconds to wait; never less than the peer asked for."""
        doublings = min(self.failures, 16)
        ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * (1 << doublings))
        self.failures += 1
        asked = min(max(asked_seconds or 0.0, 0.0), LONGEST_ASKED_SECONDS)
        return asked + self.random() * ceiling

    def after_success(self) -> None:
        """Begin anew."""
        self.failures = 0
