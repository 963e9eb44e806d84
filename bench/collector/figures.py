"""Figures: what was measured round by round, what was to be reached, and whether it was."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("what", "unit", "median (min to max)", "to reach", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    what: str
    unit: str
    values: Sequence[float]
    """One a round."""
    most: float | None = None
    """To reach."""
    least: float | None = None

    @property
    def median(self) -> float:
        """Give the median of the rounds."""
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        """Whether the median is what was to be reached."""
        most, least = self.most, self.least
        return (most is None or self.median <= most) and (least is None or self.median >= least)

    def cells(self) -> tuple[str, ...]:
        """Write a row of the table."""
        spread = f" ({_short(min(self.values))} to {_short(max(self.values))})"
        return (
            self.what,
            self.unit,
            _short(self.median) + (spread if len(self.values) > 1 else ""),
            self._target(),
            "" if not self._target() else "reached" if self.is_reached else "MISSED",
        )

    def _target(self) -> str:
        if self.most is not None:
            return f"at most {_short(self.most)}"
        return f"at least {_short(self.least)}" if self.least is not None else ""


def _short(value: float) -> str:
    """Write three digits that count, and never fewer before the point than there are."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Write figures as Markdown."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(map(str.ljust, row, widths)) for row in rows]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)
