"""`make bench-rtt`: what a check says of the round trip while its event loop has no time.

Everything happens in network namespaces of its own. The path is 10 ms long each way; what delays
it says for each connection how long its round trip really was. Takes less than a minute.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from bench.contenders import CHECKING
from bench.delayed_path import PORT, Listener, NoPathError, delayed_path
from bench.machine import described, stolen_seconds
from bench.report import progress
from flows.messages import Check
from flows.outcomes import Outcome, Service
from probe.measuring import measure, open_means

DEADLINE_SECONDS = 4.0
BURST = 512
BURSTS = 20
PAUSE_SECONDS = 0.1
"""After a burst, for its connections to end."""
SINGLE = 250
SPACING_SECONDS = 0.02
BLOCKED_SECONDS = 0.005
FREE_SECONDS = 0.001
AT_MOST_SECONDS = 0.0002
"""How far the round trip reported may be from the path's."""
INSIDE = "inside"
IDLE, BLOCKED = "idle", "blocked 5 of 6 ms"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was said of one connection."""

    address: str
    outcome: Outcome
    rtt_seconds: float | None
    loop_seconds: float
    """From its begin to its end by the clock of the process."""


Once = Callable[[str], Coroutine[object, None, Seen]]
"""Connects to an address."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    contender: str
    path: str
    together: int
    """Checks that begin at once."""
    loop: str
    seen: list[Seen] = field(default_factory=list)

    async def run(self, once: Once, addresses: Iterator[str], listener: Listener) -> None:
        """Do all checks of the row."""
        progress(f"{self.contender}, {self.path}, {self.together} at once, loop {self.loop}")
        blocking = blocked() if self.loop == BLOCKED else nullcontext()
        async with blocking, asyncio.TaskGroup() as group:
            tasks = []
            for _ in range(BURSTS if self.together > 1 else SINGLE):
                tasks += [group.create_task(once(next(addresses))) for _ in range(self.together)]
                if self.together > 1:
                    await asyncio.wait(tasks)
                    await asyncio.sleep(PAUSE_SECONDS)
                    listener.empty()
                else:
                    await asyncio.sleep(SPACING_SECONDS)
        listener.empty()
        self.seen.extend(task.result() for task in tasks)


@asynccontextmanager
async def blocked() -> AsyncIterator[None]:
    """Keep the loop from turning for 5 ms out of every 6."""

    async def block() -> None:
        while True:
            end = time.perf_counter() + BLOCKED_SECONDS
            while time.perf_counter() < end:
                pass
            await asyncio.sleep(FREE_SECONDS)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(block())
        yield
        task.cancel()


@asynccontextmanager
async def engine() -> AsyncIterator[Once]:
    """Measure as the probe does."""
    async with open_means(lambda _name, _address, _port: None) as means:

        async def once(address: str) -> Seen:
            seen = await measure(check(address), means)
            loop_seconds = seen.stages.connect or 0.0
            return Seen(address, seen.outcome, seen.rtt_seconds, loop_seconds)

        yield once


def check(address: str) -> Check:
    return Check(
        id=0,
        address=address,
        name=None,
        proto="tcp",
        port=PORT,
        services=(Service.TCP,),
        interval=15.0,
        deadline=DEADLINE_SECONDS,
        offset=0.0,
    )


@asynccontextmanager
async def open_connection() -> AsyncIterator[Once]:
    """Connect as most Python programs do, and look at the clock."""

    async def once(address: str) -> Seen:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                _, writer = await asyncio.open_connection(address, PORT)
        except TimeoutError:
            return Seen(address, Outcome.FILTERED, None, time.perf_counter() - began)
        took = time.perf_counter() - began
        writer.close()
        await writer.wait_closed()
        return Seen(address, Outcome.OPEN, None, took)

    yield once


CONTENDERS = {"this engine": engine, "open_connection": open_connection}


async def all_measured(
    addresses: Iterator[str], beyond: Listener, here: Listener
) -> list[Scenario]:
    """Go through every row."""
    rows = [
        Scenario(contender, "20 ms", together, loop)
        for together in (1, BURST)
        for loop in (IDLE, BLOCKED)
        for contender in CONTENDERS
    ]
    local = [Scenario("this engine", "loopback", BURST, loop) for loop in (IDLE, BLOCKED)]
    for row in rows:
        async with CONTENDERS[row.contender]() as once:
            await row.run(once, addresses, beyond)
    for row in local:
        async with engine() as once:
            await row.run(once, repeat("127.0.0.1"), here)
    progress("")
    return rows + local


Truth = dict[str, float]
"""The path's own round trip by address; none for loopback."""


def table(rows: list[Scenario], truth: Truth) -> str:
    """Write the figures as Markdown."""
    lines = [
        "| path | at once | loop | contender | outcomes | path's round trip, ms: p50 "
        "| p99 | rtt_seconds, ms: p50 | p99 | its error, ms: p50 | p99 | worst "
        "| error by the loop's clock, ms: p50 | p99 | worst |",
        "|" + "---|" * 15,
    ]
    for row in rows:
        counted = Counter(str(each.outcome) for each in row.seen)
        cells = [
            row.path,
            str(row.together),
            row.loop,
            row.contender,
            ", ".join(f"{count} {outcome}" for outcome, count in counted.items()),
            *quantiles([truth[each.address] for each in row.seen if each.address in truth])[:2],
            *quantiles([each.rtt_seconds for each in row.seen if each.rtt_seconds is not None])[:2],
            *quantiles(errors(row, truth)),
            *quantiles(loop_errors(row, truth)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def errors(row: Scenario, truth: Truth) -> list[float]:
    """Say how far each reported round trip is from that of its own connection."""
    return [
        abs(each.rtt_seconds - truth[each.address])
        for each in row.seen
        if each.rtt_seconds is not None and each.address in truth
    ]


def loop_errors(row: Scenario, truth: Truth) -> list[float]:
    """Say the same of what the process's clock gives."""
    return [
        abs(each.loop_seconds - truth[each.address]) for each in row.seen if each.address in truth
    ]


def quantiles(seconds: list[float]) -> tuple[str, str, str]:
    if not seconds:
        return "", "", ""
    middle = statistics.median(seconds)
    return f"{middle * 1e3:.2f}", f"{percentile_99(seconds) * 1e3:.2f}", f"{max(seconds) * 1e3:.2f}"


def percentile_99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def verdicts(rows: list[Scenario], truth: Truth) -> str:
    """Say what was to be reached, and what was."""
    lines = []
    for row in rows:
        if row.contender != "this engine":
            continue
        case = f"{row.path}, {row.together} at once, loop {row.loop}"
        false = sum(each.outcome is not Outcome.OPEN for each in row.seen)
        word = "MISSED" if false else "reached"
        lines.append(f"{word}: {false} of {len(row.seen)} outcomes false: {case}")
        if far := errors(row, truth):
            p99 = percentile_99(far)
            word = "reached" if p99 <= AT_MOST_SECONDS else "MISSED"
            within = f"{p99 * 1e3:.2f} ms (at most {AT_MOST_SECONDS * 1e3:.2f})"
            lines.append(f"{word}: 99 of 100 round trips within {within}: {case}")
    return "\n".join(lines)


def inside() -> int:
    """Measure in the namespace that this process alone is in."""
    stolen = stolen_seconds()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with delayed_path(Path(folder)) as path, closing(Listener("127.0.0.1")) as here:
                os.sched_setaffinity(0, {CHECKING})
                rows = asyncio.run(all_measured(path.addresses, path.listener, here))
        except NoPathError as error:
            print(error, file=sys.stderr)
            return 3
    noise = f"{described()}; {stolen_seconds() - stolen:.1f} s stolen by the hypervisor"
    print(table(rows, path.seconds), verdicts(rows, path.seconds), noise, sep="\n\n")
    return 0


def main() -> None:
    if sys.argv[1:] == [INSIDE]:
        sys.exit(inside())
    user = ["--map-root-user"] if os.geteuid() else []
    again = [sys.executable, "-m", "bench.probe_rtt", INSIDE]
    os.execvp("unshare", ["unshare", "--net", *user, *again])


if __name__ == "__main__":
    main()
