"""What collector.yaml decides, once it was read (`collector.settings_reading`); frozen."""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from collector.timing import Timing
from flows.gates import Rules
from flows.log_lines import Log


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the collector serves."""

    host: str = "127.0.0.1"
    port: int = 8642
    """0 takes a free one."""

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Tls:
    """What the collector shows to those who call it, in PEM."""

    certificate: Path
    """The leaf, followed by its intermediates."""
    key: Path
    client_ca: Path | None = None
    """Whose certificates let probes in, by the host name in them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the collector takes."""

    body: int = 1 << 20
    """Bytes, once unpacked."""
    results_per_report: int = 5000
    long_polls: int = 20000
    requests_per_credential: float = 100.0
    """A second, on average; twice as many at once."""
    slow_client: float = 20.0
    """Seconds for the head of a call, and again for its body."""


def default_store() -> str:
    """Name the store that holds everything where collector.yaml names none."""
    if os.name == "nt":
        folder = os.environ.get("PROGRAMDATA", "C:/ProgramData").replace("\\", "/")
        return f"sqlite:///{folder}/Gatewatch/gatewatch.db"
    return "sqlite:///var/lib/gatewatch/gatewatch.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that collector.yaml says."""

    inventory: Path
    """Read when the store is empty."""
    store: str
    """URL, as in `sqlite:///var/lib/gatewatch/gatewatch.db`."""
    listen: Listen = Listen()
    tls: Tls | None = None
    timing: Timing = field(default_factory=Timing)
    limits: Limits = Limits()
    gate: Rules = field(default_factory=Rules)
    per_agent: bool = False
    """Expose agents one by one."""
    log: Log = field(default_factory=Log)
    auth_required: bool = False
    """Whether every call needs a credential."""
