"""How much this probe does at most, as its own `probe.yaml` says: no assignment widens it.

A broken or stolen collector may ask for anything. The host that the probe lives on, and the network
around it, are to notice as little of that as of a sane one.
"""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The `limits` block of probe.yaml. Times in seconds."""

    checks: int = 2000
    """Taken of an assignment; those with the lowest ids, which stay what they are."""
    interval: float = 1.0
    """The shortest."""
    deadline: float = 60.0
    """The longest, of each stage of a check."""
    in_flight: int = 256
    """Checks at a time; of the addresses of names beyond the first, as many again."""
    per_second: int = 50
    """Checks that begin in a second; of the addresses of names beyond the first, as many again."""
    runs: int = 20
    """On-demand runs taken of an assignment."""
    addresses: int = 16
    """Of one name."""
    lookups: int = 32
    """Names that are looked up at a time: each has a thread."""
    body: int = MIB
    """Bytes of an answer of the collector; 5,000 checks fit."""
