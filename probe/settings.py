"""What probe.yaml decides, once it was read (`probe.settings_reading`); frozen."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from flows.log_lines import Log
from probe.allow import Allow
from probe.client import Access
from probe.limits import MIB, Limits

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much is kept for a collector that does not answer."""

    max_bytes: int = 64 * MIB
    max_age: float = 72 * HOUR
    """Seconds."""


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """The addresses to measure from; None leaves the choice to the system."""

    ipv4: str | None = None
    ipv6: str | None = None


def default_data(system: str = os.name) -> Path:
    """Name the folder of spool and identity where probe.yaml names none."""
    if system == "nt":
        return Path(os.environ.get("PROGRAMDATA", "C:/ProgramData"), "Gatewatch")
    return Path("/var/lib/gatewatch")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that probe.yaml says."""

    host: str
    """This machine's name in the inventory."""
    access: Access
    """To the collectors."""
    data: Path
    spool: SpoolLimits = SpoolLimits()
    source_address: SourceAddress = SourceAddress()
    allow: Allow = field(default_factory=Allow)
    limits: Limits = field(default_factory=Limits)
    log: Log = field(default_factory=Log)
