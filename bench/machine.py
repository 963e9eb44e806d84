"""The machine that figures come from, and how far it can be trusted."""

import os
import platform
from pathlib import Path


def described() -> str:
    """Name what the figures depend on."""
    processor = platform.processor() or platform.machine()
    return (
        f"{processor}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}"
    )


def stolen_seconds() -> float:
    """Read how long the hypervisor has kept the CPUs from this machine."""
    total = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()
    return int(total[8]) / os.sysconf("SC_CLK_TCK")
