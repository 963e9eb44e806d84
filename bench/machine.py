"""The machine that figures come from, and how far it can be trusted."""

import os
import platform
import time
from pathlib import Path


def described() -> str:
    """Name what the figures depend on."""
    processor = platform.processor() or platform.machine()
    return (
        f"{processor}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}"
    )


def yardstick_ms(cpu: int) -> float:
    """Time a fixed piece of Python on a CPU: what it takes says how fast that one is just now."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        began = time.thread_time()
        sum(hash((number, str(number))) & 1 for number in range(200_000))
        return (time.thread_time() - began) * 1000
    finally:
        os.sched_setaffinity(0, allowed)


def stolen_seconds() -> float:
    """Read how long the hypervisor has kept the CPUs from this machine."""
    total = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()
    return int(total[8]) / os.sysconf("SC_CLK_TCK")
