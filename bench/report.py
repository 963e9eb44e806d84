"""A contest at several loads, in rounds whose order is drawn by lot, and its table."""

import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise, product

from bench.contenders import Sample

LOADS = (1, 64, 512)
"""Checks in flight."""
ROUNDS = 5
SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Contest:
    """Who takes part, and what our engine is to reach."""

    contenders: dict[str, Callable[[int, float], Sample]]
    """Each does checks, so many in flight and for so long; the first one is the limit."""
    engine: str
    at_most: dict[str, float]
    """The engine's CPU time per check, at most so many times theirs."""
    samples: dict[tuple[int, str], list[Sample]] = field(default_factory=dict)

    def run(self) -> None:
        """Have everybody run at every load, round by round."""
        lot = random.Random(271)
        for number, load in product(range(ROUNDS), LOADS):
            progress(f"round {number + 1} of {ROUNDS}, {load} in flight")
            for name in lot.sample(list(self.contenders), len(self.contenders)):
                sample = self.contenders[name](load, SECONDS)
                self.samples.setdefault((load, name), []).append(sample)
        progress("")

    def report(self) -> str:
        """Write what everybody took, what was to be reached, and how steady the machine was."""
        return "\n\n".join((self._table(), self._verdicts(), self._noise()))

    def _ratio(self, load: int, one: str, other: str) -> float:
        """Say how many times the CPU time of another one takes: the median of the rounds."""
        pairs = zip(self.samples[load, one], self.samples[load, other], strict=True)
        return statistics.median(mine.microseconds / its.microseconds for mine, its in pairs)

    def _table(self) -> str:
        headings = (
            "in flight",
            "contender",
            "CPU us a check, median (min to max)",
            *(f"times {other}" for other in self.at_most),
            "checks a second",
            "failures",
        )
        rows = [headings, *(self._row(*case) for case in product(LOADS, self.contenders))]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [" | ".join(map(str.ljust, row, widths)) for row in rows]
        lines.insert(1, "-|-".join("-" * width for width in widths))
        return "\n".join(f"| {line} |" for line in lines)

    def _row(self, load: int, name: str) -> tuple[str, ...]:
        some = self.samples[load, name]
        costs = [sample.microseconds for sample in some]
        return (
            str(load),
            name,
            f"{statistics.median(costs):.1f} ({min(costs):.1f} to {max(costs):.1f})",
            *(f"{self._ratio(load, name, other):.2f}" for other in self.at_most),
            f"{statistics.median(sample.rate for sample in some):.0f}",
            str(sum(sample.failures for sample in some)),
        )

    def _verdicts(self) -> str:
        lines = []
        for (other, most), load in product(self.at_most.items(), LOADS):
            times = self._ratio(load, self.engine, other)
            word = "reached" if times <= most else "MISSED"
            lines.append(
                f"{word}: {times:.2f} times {other}, {load} in flight (at most {most:.2f})"
            )
        return "\n".join(lines)

    def _noise(self) -> str:
        limit = next(iter(self.contenders))
        swings = [
            max(before.microseconds, after.microseconds)
            / min(before.microseconds, after.microseconds)
            for load in LOADS
            for before, after in pairwise(self.samples[load, limit])
        ]
        return (
            f"From round to round the cost of {limit} itself changed by a factor of "
            f"{statistics.median(swings):.2f}, at worst {max(swings):.2f}."
        )


def progress(text: str) -> None:
    """Show how far it is, to whoever looks at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
