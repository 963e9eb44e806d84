"""`make bench-collector`: what the collector costs, beside what was to be reached.

The collector is the real process, on a CPU of its own, asking everybody for a credential; its
probes call over real connections from the other one. CPU time is the kernel's count of all the
collector's threads, since wall time tells little where others share the machine.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from bench.collector.crowd import crowd
from bench.collector.extent import FULL, QUICK, Extent
from bench.collector.figures import Figure, table
from bench.collector.ingest import ingest
from bench.collector.polls import polls
from bench.collector.postgres import postgres
from bench.collector.process import COLLECTING, LOADING
from bench.collector.scrape import scrape
from bench.collector.tls import tls
from bench.machine import described, stolen_seconds, yardstick_ms
from bench.report import progress

Part = Callable[[Extent], Iterator[Figure]]
PARTS: Mapping[str, Part] = {
    "ingest": ingest,
    "scrape": scrape,
    "crowd": crowd,
    "polls": polls,
    "tls": tls,
    "postgres": postgres,
}


def main(words: list[str]) -> int:
    chosen, extent = _asked(words)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for ten thousand connections
    os.sched_setaffinity(0, {LOADING})
    whole = [_measure(name, PARTS[name], extent) for name in chosen]
    return 0 if all(whole) else 1


def _asked(words: list[str]) -> tuple[list[str], Extent]:
    parser = argparse.ArgumentParser(prog="bench-collector", description=main.__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    asked = parser.parse_args(words)
    chosen = asked.only.split(",")
    if unknown := [name for name in chosen if name not in PARTS]:
        parser.error(f"no part is called {unknown[0]}: there are {', '.join(PARTS)}")
    return chosen, QUICK if asked.quick else FULL


def _measure(name: str, part: Part, extent: Extent) -> bool:
    """Print the figures of a part, or those that it came to; tells whether it came to its end."""
    stolen, began = stolen_seconds(), time.monotonic()
    figures, yardsticks = [], [yardstick_ms(COLLECTING)]
    failure = ""
    try:
        for figure in part(extent):
            figures.append(figure)
            yardsticks.append(yardstick_ms(COLLECTING))
            progress(f"{name}: {figure.what}")
    except (OSError, RuntimeError) as error:
        failure = f"FAILED: {error}\n\n"
    progress("")
    noise = Figure("a fixed piece of Python between figures, CPU", "ms", yardsticks)
    small = ", a small share of it (--quick)" if extent is QUICK else ""
    print(f"## {name}{small}\n\n{table([*figures, noise])}\n\n{failure}", end="")
    print(
        f"{described()}; {stolen_seconds() - stolen:.1f} s stolen by the hypervisor;"
        f" {time.monotonic() - began:.0f} s in all\n",
        flush=True,
    )
    return not failure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
