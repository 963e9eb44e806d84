"""An estate of SES agents by the thousand, and a real collector that looks after it."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import CPUS, ROOT, pinned

COLLECTING, LOADING = CPUS[0], CPUS[-1]
"""The collector has a CPU, and whoever calls it another."""
_SERVING = re.compile(r"serving on (\S+)")


@dataclass(frozen=True, slots=True)
class Scale:
    """How large an estate is: each agent has two paths to each handler, an old and a new one."""

    agents: int
    handlers: int
    per_agent: bool = False

    @property
    def paths(self) -> int:
        """Count the paths of agents."""
        return self.agents * self.handlers * 2

    def inventory(self) -> str:
        """Write its inventory."""
        handlers = [f"ah-{n:02d}" for n in range(self.handlers)]
        agents = [agent(n) for n in range(self.agents)]
        lines = ['migration: {name: bench, from: "2.6", to: "2.7.1"}', "hosts:"]
        lines += (
            f"  {name}: {{address: 10.200.0.{n + 1}, roles: [agent-handler], site: dc}}"
            for n, name in enumerate(handlers)
        )
        lines += (
            f"  {name}: {{address: 10.{100 + (n >> 16)}.{n >> 8 & 255}.{n & 255},"
            f" roles: [agent], site: site-{n % 20:02d}}}"
            for n, name in enumerate(agents)
        )
        group = f"  hq: {{handlers: [{', '.join(handlers)}], agents: [{', '.join(agents)}]}}"
        return "\n".join([*lines, "handler_groups:", group, ""])


def agent(number: int) -> str:
    """Name an agent."""
    return f"pc-{number:06d}"


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector under measurement."""

    url: str
    process: int

    @property
    def cpu_seconds(self) -> float:
        """Read the CPU time of all of its threads so far."""
        threads = Path("/proc", str(self.process), "task").iterdir()
        return sum(int((one / "schedstat").read_text("ascii").split()[0]) for one in threads) / 1e9

    def mib(self, name: str = "VmRSS") -> float:
        """Read what it takes of memory: now, or at most with VmHWM."""
        status = Path("/proc", str(self.process), "status").read_text("ascii")
        (found,) = re.findall(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found) / 1024

    def get(self, where: str, **headers: str) -> bytes:
        """Fetch a page."""
        asked = urllib.request.Request(self.url + where, headers=headers)
        with urllib.request.urlopen(asked, timeout=600) as answer:
            body: bytes = answer.read()
            return body


@contextmanager
def collecting(folder: Path, scale: Scale) -> Iterator[Collector]:
    """Run `gatewatch collector` on a CPU of its own, with SQLite, for as long as the block runs."""
    config = folder / "collector.yaml"
    (folder / "inventory.yaml").write_text(scale.inventory(), "utf-8")
    config.write_text(
        "listen: 127.0.0.1:0\n"
        f"store: sqlite://{folder}/gatewatch.db\n"
        "limits: {per_destination: 10000}\n"
        f"metrics: {{per_agent: {str(scale.per_agent).lower()}}}\n",
        "utf-8",
    )
    program = (sys.executable, "-m", "gatewatch", "collector", "-c", config)
    with subprocess.Popen(
        pinned(COLLECTING, *program), cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Collector(_url(process), process.pid)
        finally:
            process.terminate()
            if process.stderr is not None:
                sys.stderr.write(process.stderr.read())


def _url(process: "subprocess.Popen[str]") -> str:
    """Wait until it serves."""
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if found := _SERVING.search(line):
            return found[1]
    raise RuntimeError(f"the collector ended: {''.join(said)}")


def cpu_of(process: int) -> float:
    """Read the user and system time of a process, in seconds."""
    fields = Path("/proc", str(process), "stat").read_text("ascii").rpartition(")")[2].split()
    ticks: float = os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) / ticks
