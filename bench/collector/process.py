"""A real collector under measurement: its process, what the kernel says of it, and calls to it."""

import json
import re
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from bench.collector.estate import OPERATOR, SCRAPER, Scale, fill_store, token_of
from bench.contenders import CPUS, ROOT, pinned
from collector.store.sqlite import url_of

COLLECTING, LOADING = CPUS[0], CPUS[-1]
"""The collector has a CPU, and whoever calls it another."""
_PATIENCE_SECONDS = 300.0
_SERVING = re.compile(r"serving on (\S+)")
_MEANT = "the plan lacks"
"""Of an estate that has agents and handlers only, a warning is to be expected."""
_BLOCKS = re.compile(
    rb'^gatewatch_collector_loop_lag_seconds_bucket{le="([^"]+)"} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the collector said, and when: seconds since it was asked."""

    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector under measurement."""

    url: str
    process: int
    ca: Path | None
    """Of its certificate; None where it speaks no TLS."""
    start_seconds: float
    """From its begin until it served."""

    @property
    def cpu_seconds(self) -> float:
        """Read the CPU time of all of its threads so far."""
        return cpu_seconds(self.process)

    def mib(self, name: str = "VmRSS") -> float:
        """Read what it takes of memory: now, or at most with VmHWM."""
        return mib_of(self.process, name)

    def get(self, where: str, caller: str = SCRAPER, **headers: str) -> Answer:
        """Fetch a page."""
        return self._call(urllib.request.Request(self.url + where, headers=headers), caller)

    def order(self, where: str, body: object, method: str = "PUT") -> Answer:
        """Have an operator's order carried out."""
        content = json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}/api/v1/{where}", content, method=method)
        return self._call(asked, OPERATOR)

    def blocks(self) -> dict[float, float]:
        """Count for how long the event loop was blocked so far: no longer than so many seconds."""
        found: list[tuple[bytes, bytes]] = _BLOCKS.findall(self.get("/metrics/self").body)
        return {float(most): float(count) for most, count in found}

    def _call(self, asked: urllib.request.Request, caller: str) -> Answer:
        asked.add_header("Authorization", f"Bearer {token_of(caller)}")
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        began = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=600, context=context) as answer:
            body: bytes = answer.read()
            return Answer(body, time.perf_counter() - began)


@contextmanager
def collecting(
    folder: Path, scale: Scale, store: str | None = None, *, tls: bool = False
) -> Iterator[Collector]:
    """Run a collector on a CPU of its own while the block runs, over SQLite or a filled store.

    It asks everybody for a credential, and whoever calls has one.
    """
    if store is None:
        store = url_of(folder / "gatewatch.db")
        fill_store(store, scale)
    ca = _certified(folder) if tls else None
    config, log = folder / "collector.yaml", folder / "collector.log"
    config.write_text(
        f"listen: 127.0.0.1:0\nstore: {store}\nauth: {{required: true}}\n"
        "limits: {per_destination: 10000}\n"
        f"metrics: {{per_agent: {str(scale.per_agent).lower()}}}\n"
        + ("tls: {certificate: server.pem, key: server.key}\n" if tls else ""),
        "utf-8",
    )
    command = pinned(COLLECTING, sys.executable, "-m", "gatewatch", "collector", "-c", config)
    began = time.monotonic()
    with log.open("wb") as said, subprocess.Popen(command, cwd=ROOT, stderr=said) as process:
        try:
            url = _url(process, log)
            yield Collector(url, process.pid, ca, time.monotonic() - began)
        finally:
            process.terminate()
            process.wait()
            _tell(log)


def _certified(folder: Path) -> Path:
    """Give the collector a certificate of an authority of its own; returns the authority's."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "server.key"))
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(folder / "server.pem"), append=number > 0)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return folder / "ca.pem"


def _url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait until it serves."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if found := _SERVING.search(log.read_text("utf-8")):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"the collector does not serve: {log.read_text('utf-8')}")


def _tell(log: Path) -> None:
    """Pass on what an operator would have to look at."""
    for line in log.read_text("utf-8").splitlines():
        if " INFO " not in line and _MEANT not in line:
            print(line, file=sys.stderr)


def cpu_seconds(*processes: int) -> float:
    """Read the CPU time of all threads of some processes so far, by the scheduler's clock."""
    return sum(_nanoseconds(process) for process in processes) / 1e9


def _nanoseconds(process: int) -> int:
    threads = Path("/proc", str(process), "task").iterdir()
    return sum(int((one / "schedstat").read_text("ascii").split()[0]) for one in threads)


def mib_of(process: int, name: str = "VmRSS") -> float:
    """Read what a process takes of memory: now, or at most with VmHWM."""
    status = Path("/proc", str(process), "status").read_text("ascii")
    (found,) = re.findall(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found) / 1024


def total_cpu(collectors: Iterable[Collector]) -> float:
    """Read the CPU time of several collectors so far."""
    return cpu_seconds(*(one.process for one in collectors))
