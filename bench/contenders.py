"""Who is compared: each does TCP checks for a while and says what they cost in CPU time."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
ADDRESSES = 250
PORTS = 4
"""nmap gets its 1,000 checks of 250 addresses by four ports."""
NMAP_ADDRESSES = f"127.1.0.1-{ADDRESSES}"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What some checks took."""

    checks: int
    failures: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def microseconds(self) -> float:
        """CPU time of one check."""
        return self.cpu_seconds / self.checks * 1e6

    @property
    def rate(self) -> float:
        """Checks a second of wall time."""
        return self.checks / self.wall_seconds


class Bench:
    """The listener on one CPU, and the contenders on the other."""

    def __init__(self, folder: Path) -> None:
        cpus = sorted(os.sched_getaffinity(0))
        self._checking, self._serving = cpus[0], cpus[-1]
        self._folder = folder
        self._limit = folder / "tcp_limit"
        self._port = free_ports("127.1.0.1", PORTS)
        self._exporter_port = free_ports("127.0.0.1", 1)
        source = Path(__file__).with_name("tcp_limit.c")
        subprocess.run(["cc", "-O2", "-Wall", "-o", self._limit, source], check=True)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Have something to connect to, and an exporter that is asked to."""
        with self._listener() as listener, self._exporter() as exporter:
            assert listener.stdout is not None
            assert listener.stdout.readline() == b"ready\n"
            wait_for(self._exporter_port)
            self._exporter_process = exporter.pid
            yield

    def c_limit(self, in_flight: int, seconds: float) -> Sample:
        """Connect and close in an epoll loop in C."""
        arguments = map(str, (ADDRESSES, self._port, in_flight, seconds))
        return self._own_account(self._limit, "check", *arguments)

    def engine(self, in_flight: int, seconds: float) -> Sample:
        """Measure by our engine, as the probe does."""
        return self._worker("engine", in_flight, seconds)

    def open_connection(self, in_flight: int, seconds: float) -> Sample:
        """Call asyncio.open_connection over and over."""
        return self._worker("open_connection", in_flight, seconds)

    def blackbox_exporter(self, in_flight: int, seconds: float) -> Sample:
        """Ask blackbox_exporter for tcp_connect, over connections that are kept."""
        arguments = map(str, (self._exporter_port, in_flight, seconds, self._port))
        driver = [sys.executable, "-m", "bench.exporter_driver", *arguments]
        cpu, wall = cpu_seconds_of(self._exporter_process), time.perf_counter()
        checks, failures = output_of(pinned(self._serving, *driver)).split()
        return Sample(
            int(checks),
            int(failures),
            cpu_seconds_of(self._exporter_process) - cpu,
            time.perf_counter() - wall,
        )

    def nmap(self, in_flight: int, _seconds: float) -> Sample:
        """Scan as many addresses and ports by nmap -sT, less what it takes to scan one."""
        start = self._nmap(in_flight, "127.1.0.1", str(self._port))
        whole = self._nmap(in_flight, NMAP_ADDRESSES, f"{self._port}-{self._port + PORTS - 1}")
        cpu = max(whole.cpu_seconds - start.cpu_seconds, 0.0)
        return Sample(whole.checks, whole.failures, cpu, whole.wall_seconds)

    def _nmap(self, in_flight: int, addresses: str, ports: str) -> Sample:
        parallel = [f"--max-parallelism={in_flight}"]
        if in_flight > 1:
            parallel.append(f"--min-parallelism={in_flight}")
        before, wall = children_cpu_seconds(), time.perf_counter()
        scan = ["nmap", "-sT", "-Pn", "-n", "-oG", "-", *parallel, "-p", ports, addresses]
        told = output_of(pinned(self._checking, *scan))
        checks, opened = told.count("/tcp/"), told.count("/open/tcp/")
        cpu = children_cpu_seconds() - before
        return Sample(checks, checks - opened, cpu, time.perf_counter() - wall)

    def _worker(self, kind: str, in_flight: int, seconds: float) -> Sample:
        arguments = map(str, (in_flight, seconds, self._port))
        return self._own_account(sys.executable, "-m", "bench.tcp_worker", kind, *arguments)

    def _own_account(self, *command: str | Path) -> Sample:
        checks, failures, cpu, wall = output_of(pinned(self._checking, *command)).split()
        return Sample(int(checks), int(failures), float(cpu), float(wall))

    @contextmanager
    def _listener(self) -> Iterator[subprocess.Popen[bytes]]:
        arguments = map(str, (ADDRESSES, self._port, PORTS))
        with running(pinned(self._serving, self._limit, "listen", *arguments)) as process:
            yield process

    @contextmanager
    def _exporter(self) -> Iterator[subprocess.Popen[bytes]]:
        config = self._folder / "blackbox.yml"
        config.write_text("modules: {tcp_connect: {prober: tcp, timeout: 4s}}\n", encoding="utf-8")
        exporter = [
            "prometheus-blackbox-exporter",
            f"--web.listen-address=127.0.0.1:{self._exporter_port}",
            f"--config.file={config}",
            "--log.level=error",
        ]
        with running(pinned(self._checking, *exporter)) as process:
            yield process


def pinned(cpu: int, *command: str | Path) -> list[str]:
    """Have a command run on one CPU only."""
    return ["taskset", "--cpu-list", str(cpu), *map(str, command)]


def output_of(command: list[str]) -> str:
    """Run a command to its end; it says what went wrong only if something did."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for as long as the block lasts."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()


def cpu_seconds_of(process: int) -> float:
    """Read the user and system time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def children_cpu_seconds() -> float:
    """Read the user and system time of every child that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def free_ports(address: str, count: int) -> int:
    """Find ports in a row on which nobody listens; returns the first."""
    for first in range(18080, 30000, count):
        if not any(is_served(address, port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"every port of {address} is taken")


def is_served(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as trying:
        return trying.connect_ex((address, port)) == 0


def wait_for(port: int) -> None:
    """Wait until somebody listens on a port of 127.0.0.1."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_served("127.0.0.1", port):
        if time.monotonic() > end:
            raise RuntimeError(f"nobody listens on 127.0.0.1:{port}")
        time.sleep(0.05)
