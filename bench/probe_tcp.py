"""What a TCP check costs: our engine beside blackbox_exporter, nmap, open_connection and C."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contenders import (
    ADDRESSES,
    CHECKING,
    SERVING,
    Sample,
    built,
    free_ports,
    listening,
    output_of,
    own_account,
    pinned,
    running,
    wait_for,
    worker,
)
from bench.report import Contest

NEEDED = ("cc", "nmap", "prometheus-blackbox-exporter", "taskset")
PORTS = 4
"""nmap gets its 1,000 checks of 250 addresses by four ports."""
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
LIMIT, ENGINE, EXPORTER = "C epoll loop", "this engine", "blackbox_exporter"


class TcpBench:
    """The listener, the exporter, and everybody's way to check."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._limit = built(folder, "tcp_limit.c")
        self._port = free_ports("127.1.0.1", PORTS)
        self._exporter_port = free_ports("127.0.0.1", 1)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Have something to connect to, and an exporter that is asked to."""
        config = self._folder / "blackbox.yml"
        config.write_text("modules: {tcp_connect: {prober: tcp, timeout: 4s}}\n", encoding="utf-8")
        exporter = [
            "prometheus-blackbox-exporter",
            f"--web.listen-address=127.0.0.1:{self._exporter_port}",
            f"--config.file={config}",
            "--log.level=error",
        ]
        listener = map(str, (ADDRESSES, self._port, PORTS))
        with (
            listening(self._limit, "listen", *listener),
            running(pinned(CHECKING, *exporter)) as process,
        ):
            wait_for(self._exporter_port)
            self._exporter_process = process.pid
            yield

    def contest(self) -> Contest:
        """Name the contenders, the cheapest first, and what the engine is to reach."""
        return Contest(
            contenders={
                LIMIT: self._c_limit,
                ENGINE: lambda load, seconds: self._worker("engine", load, seconds),
                "asyncio.open_connection": lambda load, seconds: self._worker(
                    "open_connection", load, seconds
                ),
                "nmap -sT": self._nmap,
                EXPORTER: self._exporter,
            },
            engine=ENGINE,
            at_most={LIMIT: 2.0, EXPORTER: 1 / 5},
        )

    def _c_limit(self, in_flight: int, seconds: float) -> Sample:
        arguments = map(str, (ADDRESSES, self._port, in_flight, seconds))
        return own_account(self._limit, "check", *arguments)

    def _worker(self, kind: str, in_flight: int, seconds: float) -> Sample:
        return worker(kind, "tcp", in_flight, seconds, self._port)

    def _exporter(self, in_flight: int, seconds: float) -> Sample:
        """Ask for tcp_connect over connections that are kept."""
        arguments = map(str, (self._exporter_port, in_flight, seconds, self._port))
        driver = [sys.executable, "-m", "bench.exporter_driver", *arguments]
        cpu, wall = cpu_seconds_of(self._exporter_process), time.perf_counter()
        checks, failures = output_of(pinned(SERVING, *driver)).split()
        return Sample(
            int(checks),
            int(failures),
            cpu_seconds_of(self._exporter_process) - cpu,
            time.perf_counter() - wall,
        )

    def _nmap(self, in_flight: int, _seconds: float) -> Sample:
        """Scan as many addresses and ports, less what it takes to scan one."""
        start = self._scan(in_flight, "127.1.0.1", str(self._port))
        ports = f"{self._port}-{self._port + PORTS - 1}"
        whole = self._scan(in_flight, f"127.1.0.1-{ADDRESSES}", ports)
        cpu = max(whole.cpu_seconds - start.cpu_seconds, 0.0)
        return Sample(whole.checks, whole.failures, cpu, whole.wall_seconds)

    def _scan(self, in_flight: int, addresses: str, ports: str) -> Sample:
        parallel = [f"--max-parallelism={in_flight}"]
        if in_flight > 1:
            parallel.append(f"--min-parallelism={in_flight}")
        before, wall = children_cpu_seconds(), time.perf_counter()
        scan = ["nmap", "-sT", "-Pn", "-n", "-oG", "-", *parallel, "-p", ports, addresses]
        told = output_of(pinned(CHECKING, *scan))
        checks, opened = told.count("/tcp/"), told.count("/open/tcp/")
        cpu = children_cpu_seconds() - before
        return Sample(checks, checks - opened, cpu, time.perf_counter() - wall)


def cpu_seconds_of(process: int) -> float:
    """Read the user and system time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def children_cpu_seconds() -> float:
    """Read the user and system time of every child that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
