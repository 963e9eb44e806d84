"""What others take to show as many series: prometheus_client in Python, and Pushgateway in Go.

python -m bench.collector.rivals SERIES ROUNDS

is prometheus_client, in a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bench.collector.process import COLLECTING, cpu_seconds, mib_of
from bench.contenders import free_ports, output_of, pinned

PUSHGATEWAY = "prometheus-pushgateway"
ROUNDS = 3
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Rival:
    """What another one takes."""

    cpu_seconds: list[float]
    """For a page, round by round."""
    most_mib: float


def prometheus_client(series: int) -> Rival:
    """Have it render gauges whose labels are those of a path, in memory."""
    command = (sys.executable, "-m", "bench.collector.rivals", str(series), str(ROUNDS))
    seconds, kib = json.loads(output_of(pinned(COLLECTING, *command)))
    return Rival(seconds, kib / 1024)


def _render(series: int, rounds: int) -> list[float]:
    registry = CollectorRegistry()
    names = ("phase", "flow", "src", "dst", "proto", "port")
    gauge = Gauge("bench_path_ok", "1 ok.", names, registry=registry)
    for number in range(series):
        gauge.labels("prepare", "agent", f"pc-{number:06d}", "ah-01", "tcp", "443").set(1)
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        generate_latest(registry)
        taken.append(time.process_time() - began)
    return taken


def pushgateway(page: bytes) -> Rival:
    """Have it show a page that was pushed to it."""
    port = free_ports("127.0.0.1", 1)
    with _pushgateway(port) as process:
        url = f"http://127.0.0.1:{port}/metrics"
        pushed = urllib.request.Request(f"{url}/job/bench", page, method="POST")
        urllib.request.urlopen(pushed, timeout=600).close()
        series, end = page.count(b"\ngatewatch_"), time.monotonic() + _PATIENCE_SECONDS
        taken: list[float] = []
        while len(taken) < ROUNDS and time.monotonic() < end:
            before = cpu_seconds(process)
            with urllib.request.urlopen(url, timeout=600) as shown:
                is_whole = shown.read().count(b"\ngatewatch_") >= series
            if is_whole:
                taken.append(cpu_seconds(process) - before)
            else:
                time.sleep(0.2)  # a push is taken first and worked in later
        if not taken:
            raise RuntimeError("Pushgateway does not show what was pushed to it")
        return Rival(taken, mib_of(process, "VmHWM"))


@contextmanager
def _pushgateway(port: int) -> Iterator[int]:
    """Run one without its check of every push, which is no part of showing."""
    options = (f"--web.listen-address=127.0.0.1:{port}", "--push.disable-consistency-check")
    with subprocess.Popen(
        pinned(COLLECTING, PUSHGATEWAY, *options, "--persistence.file="),
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/-/ready")
            yield process.pid
        finally:
            process.terminate()


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nobody answers at {url}")


if __name__ == "__main__":
    said = _render(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps([said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
