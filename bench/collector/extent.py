"""How much is measured: all of it, or little in a short time to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rounds: int
    seconds: float
    """Of reports at a time."""
    share: int = 1
    """Of the large estates, one part of so many."""

    def of(self, number: int) -> int:
        """Take a share of a large number."""
        return number // self.share


FULL = Extent(rounds=5, seconds=4.0)
QUICK = Extent(rounds=2, seconds=1.0, share=20)
