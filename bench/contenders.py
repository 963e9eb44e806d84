"""How contenders are run: on a CPU of their own, and by their own account of what they took."""

import os
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
"""From 127.1.0.1 on: one address runs out of ports."""
PATIENCE_SECONDS = 10.0
CPUS = sorted(os.sched_getaffinity(0))
CHECKING, SERVING = CPUS[0], CPUS[-1]
"""Whoever checks has a CPU, and whatever is checked another."""


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


def built(folder: Path, source: str, *libraries: str) -> Path:
    """Compile a limit in C."""
    program = folder / source.removesuffix(".c")
    code = Path(__file__).with_name(source)
    subprocess.run(["cc", "-O2", "-Wall", "-o", program, code, *libraries], check=True)
    return program


def own_account(*command: str | Path) -> Sample:
    """Run what tells by itself how much it did and what that took."""
    checks, failures, cpu, wall = output_of(pinned(CHECKING, *command)).split()
    return Sample(int(checks), int(failures), float(cpu), float(wall))


def worker(kind: str, service: str, in_flight: int, seconds: float, port: int) -> Sample:
    """Run a contender that is written in Python."""
    arguments = map(str, (kind, service, in_flight, seconds, port))
    return own_account(sys.executable, "-m", "bench.worker", *arguments)


@contextmanager
def listening(*command: str | Path) -> Iterator[None]:
    """Have a server that says when it is ready."""
    with running(pinned(SERVING, *command)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield


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
