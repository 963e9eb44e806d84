"""What a TCP check costs: our engine beside blackbox_exporter, nmap, open_connection and C.

All in one run and in an order that is drawn by lot each round; the contenders on one CPU, the
listener on another, and nothing but 127.0.0.0/8 is dialled.
"""

import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

from bench.contenders import Bench, Sample
from bench.machine import described, stolen_seconds

LOADS = (1, 64, 512)
ROUNDS = 5
SECONDS = 0.8
ENGINE = "this engine"
LIMIT = "C epoll loop"
EXPORTER = "blackbox_exporter"
TO_REACH = {LIMIT: 2.0, EXPORTER: 1 / 5}
"""The engine's CPU time per check, at most so many times theirs."""
NEEDED = ("cc", "nmap", "prometheus-blackbox-exporter", "taskset")
HEADINGS = (
    "in flight",
    "contender",
    "CPU us a check, median (min to max)",
    "times the C loop",
    "times blackbox_exporter",
    "checks a second",
    "failures",
)

Samples = dict[tuple[int, str], list[Sample]]


def everybody(bench: Bench) -> dict[str, Callable[[int, float], Sample]]:
    """Name the contenders, the cheapest first."""
    return {
        LIMIT: bench.c_limit,
        ENGINE: bench.engine,
        "asyncio.open_connection": bench.open_connection,
        "nmap -sT": bench.nmap,
        EXPORTER: bench.blackbox_exporter,
    }


def measured(bench: Bench) -> Samples:
    """Run every contender at every load, round by round."""
    contenders = everybody(bench)
    samples: Samples = {case: [] for case in product(LOADS, contenders)}
    lot = random.Random(271)
    for number, load in product(range(ROUNDS), LOADS):
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {ROUNDS}, {load} in flight  ", end="", file=sys.stderr)
        for name in lot.sample(list(contenders), len(contenders)):
            samples[load, name].append(contenders[name](load, SECONDS))
    return samples


def ratio(samples: Samples, load: int, one: str, other: str) -> float:
    """Say how many times the CPU time of another one takes: the median of the rounds."""
    pairs = zip(samples[load, one], samples[load, other], strict=True)
    return statistics.median(mine.microseconds / its.microseconds for mine, its in pairs)


def row(samples: Samples, load: int, name: str) -> tuple[str, ...]:
    """Sum a contender up at one load."""
    some = samples[load, name]
    costs = [sample.microseconds for sample in some]
    return (
        str(load),
        name,
        f"{statistics.median(costs):.1f} ({min(costs):.1f} to {max(costs):.1f})",
        f"{ratio(samples, load, name, LIMIT):.2f}",
        f"{ratio(samples, load, name, EXPORTER):.2f}",
        f"{statistics.median(sample.rate for sample in some):.0f}",
        str(sum(sample.failures for sample in some)),
    )


def table(rows: list[tuple[str, ...]]) -> str:
    """Write rows as Markdown, in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(f"{cell:{width}}" for cell, width in zip(one, widths, strict=True)) + " |"
        for one in rows
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )


def verdicts(samples: Samples) -> str:
    """Say what was to be reached, and what was."""
    lines = []
    for (other, most), load in product(TO_REACH.items(), LOADS):
        times = ratio(samples, load, ENGINE, other)
        word = "reached" if times <= most else "MISSED "
        lines.append(f"{word}  {times:.2f} times {other}, {load} in flight (at most {most:.2f})")
    return "\n".join(lines)


def noise(samples: Samples) -> str:
    """Say how steady the machine was, by what never changes."""
    swings = [
        max(before.microseconds, after.microseconds) / min(before.microseconds, after.microseconds)
        for load in LOADS
        for before, after in pairwise(samples[load, LIMIT])
    ]
    return (
        "from round to round the C loop's own cost changed by a factor of "
        f"{statistics.median(swings):.2f}, at worst {max(swings):.2f}"
    )


def main() -> int:
    if missing := [command for command in NEEDED if shutil.which(command) is None]:
        print(f"this benchmark needs {', '.join(missing)}", file=sys.stderr)
        return 3
    before = stolen_seconds()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        with bench.serving():
            samples = measured(bench)
    rows = [HEADINGS, *(row(samples, load, name) for load, name in samples)]
    print(table(rows), "", verdicts(samples), "", described(), sep="\n")
    print(f"{stolen_seconds() - before:.1f} s stolen by the hypervisor; {noise(samples)}")
    return 0
