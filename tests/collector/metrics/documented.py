"""What docs/metrics.md says of each metric."""

from pathlib import Path
from typing import NamedTuple

METRICS = Path(__file__).parents[3] / "docs" / "metrics.md"


class Documented(NamedTuple):
    """A row of a table: a family, as an exposition shows it."""

    name: str
    type: str
    labels: frozenset[str]


def documented(part: str) -> set[Documented]:
    """Read the table of a part of the page: `/metrics/estate` or `/metrics/self`."""
    text = METRICS.read_text(encoding="utf-8")
    section = next(one for one in text.split("\n## ") if f"`{part}`" in one.splitlines()[0])
    rows = (line.split("|") for line in section.splitlines() if line.startswith("| `"))
    return {
        Documented(
            cells[1].strip(" `"),
            cells[2].strip(),
            frozenset(label.strip() for label in cells[3].split(",") if label.strip()),
        )
        for cells in rows
    }
