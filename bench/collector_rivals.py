"""What others take to show as many series: prometheus_client in Python, and Pushgateway in Go."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bench.collector_estate import COLLECTING, cpu_of
from bench.contenders import pinned

PUSHGATEWAY = "prometheus-pushgateway"
_PATIENCE_SECONDS = 20.0


def prometheus_client_seconds(series: int) -> float:
    """Time it as it renders gauges of five labels: seconds of CPU."""
    registry = CollectorRegistry()
    names = ("phase", "flow", "src", "dst", "port")
    gauge = Gauge("bench_path_ok", "1 ok.", names, registry=registry)
    for number in range(series):
        gauge.labels("prepare", "agent", f"pc-{number:06d}", "ah-01", "443").set(1)
    began = time.process_time()
    generate_latest(registry)
    return time.process_time() - began


def pushgateway_seconds(page: bytes, port: int) -> float:
    """Time Pushgateway as it shows a page that was pushed to it: seconds of CPU."""
    with _pushgateway(port) as process:
        url = f"http://127.0.0.1:{port}/metrics"
        pushed = urllib.request.Request(f"{url}/job/bench", page, method="POST")
        urllib.request.urlopen(pushed, timeout=600).close()
        series, end = page.count(b"\ngatewatch_"), time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            before = cpu_of(process)
            with urllib.request.urlopen(url, timeout=600) as shown:
                if shown.read().count(b"\ngatewatch_") >= series:
                    return cpu_of(process) - before
            time.sleep(0.2)  # a push is taken first and worked in later
    raise RuntimeError("Pushgateway does not show what was pushed to it")


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
