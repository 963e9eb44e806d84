"""`make bench-idle`: what a probe costs that has little to do: 50 paths, every 15 s.

Each probe is the real process, `gatewatch probe`, with its own configuration; what it dials and
reports to is in the process of the benchmark, on loopback. The kernel is asked what each probe took
in windows of whole intervals: CPU time by the scheduler's clock, wake-ups, resident memory.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import described, stolen_seconds
from flows.messages import Check
from flows.outcomes import Outcome, Service
from tests.fakes.certificates import Tls
from tests.fakes.collector import FakeCollector, a_check, an_assignment, serving
from tests.fakes.https import HTTP_SYS, web
from tests.fakes.streams import StreamServer
from tests.fakes.tcp import TcpServer

PATHS = 50
INTERVAL_SECONDS = 15.0
WINDOWS = 3
WINDOW_SECONDS = 3 * INTERVAL_SECONDS
"""Whole intervals, so that each window holds as many checks."""
LEAVING_SECONDS = 0.2
MOST_MIB = 45.0
MOST_OF_A_CORE = 0.005

Servers = Callable[[int], StreamServer]
"""Makes the destination of path number n."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the kernel has counted for a process since it began."""

    cpu_seconds: float
    wake_ups: int
    resident_mib: float
    proportional_mib: float
    """Of pages that several processes share, its share."""


@dataclass(slots=True)
class Subject:
    """A probe under measurement."""

    name: str
    process: int
    collector: FakeCollector
    started: Usage
    """When its first results had come in."""
    now: Usage
    cores: list[float] = field(default_factory=list)
    """Share of a core, window by window."""
    wake_ups: list[float] = field(default_factory=list)
    """A second, window by window."""

    def end_window(self, seconds: float) -> None:
        """Book what was used since the window before."""
        before, self.now = self.now, usage(self.process)
        self.cores.append((self.now.cpu_seconds - before.cpu_seconds) / seconds)
        self.wake_ups.append((self.now.wake_ups - before.wake_ups) / seconds)

    @property
    def core(self) -> float:
        """Give the median of the windows."""
        return statistics.median(self.cores)


def usage(process: int) -> Usage:
    """Ask the kernel; raises OSError where the process has ended."""
    folder = Path("/proc", str(process))
    nanoseconds, wake_ups = 0, 0
    for thread in (folder / "task").iterdir():
        nanoseconds += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
        wake_ups += _field(thread / "status", "voluntary_ctxt_switches")
    memory = folder / "smaps_rollup"
    return Usage(
        nanoseconds / 1e9, wake_ups, _field(memory, "Rss") / 1024, _field(memory, "Pss") / 1024
    )


def _field(file: Path, name: str) -> int:
    lines = file.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def tcp(_: int) -> StreamServer:
    """Give a destination of a plain TCP check."""
    return TcpServer.accepting()


def https(number: int) -> StreamServer:
    """Give a web server with a certificate of its own."""
    names = ("127.0.0.1", f"host-{number}.example")
    return StreamServer(web(200, HTTP_SYS), tls=Tls(names=names, alpn=("http/1.1",)))


VARIANTS: dict[str, tuple[Service, Servers]] = {
    "50 TCP paths": (Service.TCP, tcp),
    "50 HTTPS paths": (Service.HTTPS, https),
}


@asynccontextmanager
async def subject(name: str, folder: Path) -> AsyncIterator[Subject]:
    """Run a probe with its destinations and its collector until its first results are there."""
    service, server = VARIANTS[name]
    async with AsyncExitStack() as stack:
        collector = await stack.enter_async_context(serving())
        places = [await stack.enter_async_context(server(n)) for n in range(PATHS)]
        ports = [place.port for place in places]
        collector.assignment = an_assignment(*(path(n, p, service) for n, p in enumerate(ports, 1)))
        # Destinations see a probe's end before they end themselves, or asyncio complains for them.
        stack.push_async_callback(asyncio.sleep, LEAVING_SECONDS)
        process = stack.enter_context(probe(folder, collector.url, ports))
        stack.callback(process.terminate)
        await collector.until(lambda: len({each.check for each in collector.results}) == PATHS)
        began = usage(process.pid)
        yield Subject(name, process.pid, collector, began, began)


def path(number: int, port: int, service: Service) -> Check:
    """Make a check, the offsets spread over the interval as the collector does it."""
    # Addresses and names are judged by different stores: half of each.
    name = f"host-{number - 1}.example" if number % 2 else None
    offset = (number - 1) * INTERVAL_SECONDS / PATHS
    return a_check(
        number, port=port, services=(service,), interval=INTERVAL_SECONDS, offset=offset, name=name
    )


def probe(folder: Path, collector: str, ports: list[int]) -> "subprocess.Popen[bytes]":
    """Start the program as an operator does."""
    config = folder / "probe.yaml"
    config.write_text(
        f"host: con-01\ncollector: ['{collector}']\ndata: {folder}/data\nlog: {{level: warning}}\n"
        f"allow: {{networks: [127.0.0.0/8], ports: {ports}}}\n",
        encoding="utf-8",
    )
    return subprocess.Popen([sys.executable, "-m", "gatewatch", "probe", "-c", config])


async def measured(folder: Path) -> list[Subject]:
    """Let all variants run side by side for the windows."""
    async with AsyncExitStack() as stack:
        subjects = []
        for number, name in enumerate(VARIANTS):
            own = folder / str(number)
            own.mkdir()
            print(f"\rstarting: {name} ", end="", file=sys.stderr)
            subjects.append(await stack.enter_async_context(subject(name, own)))
        loop = asyncio.get_running_loop()
        for each in subjects:
            each.now = usage(each.process)
        for number in range(WINDOWS):
            print(
                f"\rwindow {number + 1} of {WINDOWS}: {WINDOW_SECONDS:.0f} s ",
                end="",
                file=sys.stderr,
            )
            began = loop.time()
            await asyncio.sleep(WINDOW_SECONDS)
            for each in subjects:
                each.end_window(loop.time() - began)
                # A collector answers a poll after 55 s: nothing has changed.
                each.collector.assign(each.collector.assignment)
        print(file=sys.stderr)
        return subjects


def table(subjects: list[Subject]) -> str:
    """Write the figures as Markdown."""
    lines = [
        "| a probe with | resident MiB, after start | at the end | proportional MiB "
        "| CPU-s per hour: median (min to max) | of a core | wake-ups a second | results |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in subjects:
        hours = [core * 3600 for core in each.cores]
        outcomes = Counter(str(result.outcome) for result in each.collector.results)
        lines.append(
            f"| {each.name} | {each.started.resident_mib:.1f} | {each.now.resident_mib:.1f} "
            f"| {each.now.proportional_mib:.1f} "
            f"| {each.core * 3600:.1f} ({min(hours):.1f} to {max(hours):.1f}) | {each.core:.2%} "
            f"| {statistics.median(each.wake_ups):.1f} "
            f"| {', '.join(f'{count} {outcome}' for outcome, count in outcomes.items())} |"
        )
    return "\n".join(lines)


def verdicts(subjects: list[Subject]) -> str:
    """Say what was to be reached, and what was."""
    lines = []
    for each in subjects:
        resident, core = each.now.resident_mib, each.core
        small = "reached" if resident < MOST_MIB else "MISSED"
        calm = "reached" if core < MOST_OF_A_CORE else "MISSED"
        lines.append(f"{small}: {resident:.1f} MiB resident with {each.name}, under {MOST_MIB:.0f}")
        lines.append(f"{calm}: {core:.2%} of a core with {each.name}, under {MOST_OF_A_CORE:.1%}")
        if any(result.outcome is not Outcome.OPEN for result in each.collector.results):
            lines.append(f"WRONG: not every result of {each.name} is open")
    return "\n".join(lines)


def main() -> int:
    before = stolen_seconds()
    with tempfile.TemporaryDirectory() as folder:
        subjects = asyncio.run(measured(Path(folder)))
    noise = f"{described()}; stolen {stolen_seconds() - before:.1f} s"
    print(table(subjects), verdicts(subjects), noise, sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
