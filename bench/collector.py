"""`make bench-collector`: what the collector costs: reports, a scrape, a change of phase.

The collector is the real process with SQLite, on a CPU of its own; its agents report over
kept-alive connections from the other one. CPU time is the kernel's count of all the collector's
threads, since wall time tells little where others share the machine.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.collector_estate import LOADING, Collector, Scale, collecting
from bench.collector_load import Told
from bench.collector_rivals import prometheus_client_seconds, pushgateway_seconds
from bench.contenders import ROOT, free_ports, pinned
from bench.machine import described, stolen_seconds

SCALE = Scale(agents=1000, handlers=5, per_agent=True)
"""Ten results a report, and some 200,000 series."""
CONNECTIONS = 100
SECONDS = 4.0
RATES = (0.0, 1000.0, 4000.0)
"""Reports a second; 0 is as fast as they are answered."""


@dataclass(slots=True)
class Load:
    """The agents, in a process of their own."""

    process: "subprocess.Popen[str]"

    def send(self, rate: float, seconds: float) -> Told:
        """Have them report."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{rate} {seconds}\n")
        self.process.stdin.flush()
        return msgspec.json.decode(self.process.stdout.readline(), type=Told)


@contextmanager
def loading(collector: Collector) -> Iterator[Load]:
    """Run the agents until they know their checks, and for as long as the block lasts."""
    arguments = (collector.url, str(SCALE.agents), str(CONNECTIONS))
    command = pinned(LOADING, sys.executable, "-m", "bench.collector_load", *arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Load(process)
        finally:
            process.terminate()


def reports(collector: Collector, load: Load) -> None:
    """Print what a report of ten results costs."""
    load.send(0, SECONDS)  # the first reports show versions, and the plan is made anew
    for rate in RATES:
        before = collector.cpu_seconds
        told = load.send(rate, SECONDS)
        cost = (collector.cpu_seconds - before) / told.reports * 1e6
        asked = f"{rate:.0f} a second" if rate else "as fast as may be"
        print(
            f"reports, {asked}: {told.reports / told.seconds:.0f} a second, CPU {cost:.0f} us each,"
            f" p50 {told.p50:.0f} ms, p99 {told.p99:.0f} ms, {told.failures} failures"
        )
    print(f"resident: {collector.mib():.0f} MiB, at most {collector.mib('VmHWM'):.0f}")


def scrape(collector: Collector, what: str) -> tuple[float, bytes]:
    """Print what a scrape costs; returns its CPU time and the page."""
    before, began = collector.cpu_seconds, time.perf_counter()
    page = collector.get("/metrics/estate")
    cpu, wall = collector.cpu_seconds - before, time.perf_counter() - began
    series = sum(not line.startswith(b"#") for line in page.splitlines())
    print(f"a scrape, {what}: {series} series, CPU {cpu:.2f} s, wall {wall:.2f} s")
    return cpu, page


def rivals(cpu: float, page: bytes) -> None:
    """Print what others take for as many series."""
    series = sum(not line.startswith(b"#") for line in page.splitlines())
    for name, taken in (
        ("prometheus_client", prometheus_client_seconds(series)),
        ("Pushgateway", pushgateway_seconds(page, free_ports("127.0.0.1", 1))),
    ):
        print(f"{name}: CPU {taken:.2f} s for as many, {taken / cpu:.1f} times ours")


def change_phase(collector: Collector) -> None:
    """Print how long a change of phase takes, up to the first answer of a gate in it."""
    order = json.dumps({"phase": "prepare", "force": True, "reason": "bench"}).encode()
    asked = urllib.request.Request(f"{collector.url}/api/v1/phase", order, method="PUT")
    before, began = collector.cpu_seconds, time.perf_counter()
    urllib.request.urlopen(asked, timeout=600).close()
    collector.get("/api/v1/gates/prepare")
    cpu, wall = collector.cpu_seconds - before, time.perf_counter() - began
    print(f"a change of phase, {SCALE.paths} paths: CPU {cpu:.2f} s, wall {wall:.2f} s")


def main() -> int:
    stolen = stolen_seconds()
    with tempfile.TemporaryDirectory() as folder, collecting(Path(folder), SCALE) as collector:
        with loading(collector) as load:
            reports(collector, load)
            scrape(collector, "the first")
            load.send(0, SECONDS)
            scrape(collector, "agents reported since")
        rivals(*scrape(collector, "nobody reported since"))
        change_phase(collector)
    print(f"{described()}; {stolen_seconds() - stolen:.1f} s stolen by the hypervisor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
