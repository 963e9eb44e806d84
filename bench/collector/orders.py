"""What the benchmark and the processes that load a collector say to each other, in JSON."""

import msgspec


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Whose probes to be."""

    urls: tuple[str, ...]
    """Of the collectors; connections are shared out evenly."""
    agents: int
    connections: int = 100
    ca: str | None = None
    """File of the authority whose certificate the collectors show."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Send reports, one agent after the other, until the time is over or so many are sent."""

    rate: float = 0.0
    """A second; 0 is as fast as they are answered."""
    seconds: float = 600.0
    reports: int | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an order; times in milliseconds from when a report was due to its answer."""

    reports: int
    statuses: dict[int, int]
    """Answers by their status."""
    seconds: float
    busy: float
    """Share of a CPU that sending took: near 1 it is what limits the rate."""
    p50: float
    p99: float
    worst: float

    @property
    def failures(self) -> int:
        """Count what was not taken."""
        return self.reports - self.statuses.get(200, 0)


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """How long the probes of a run waited to hear of it: milliseconds since it was asked for."""

    waits: list[float]


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """What came of reports that each had a connection of their own."""

    reports: int
    resumed: int
    """Of their handshakes, those that went on from one before."""
    seconds: float
