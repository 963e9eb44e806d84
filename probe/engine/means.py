"""All that a measurement needs and does not make itself."""

from collections.abc import Callable
from dataclasses import dataclass

from probe.complaints import Complaints
from probe.engine.names import Resolver
from probe.engine.turnstile import Turnstile
from probe.limits import Limits
from probe.platforms.evidence import Platform, Sockets

Allowed = Callable[[str, str, int], str | None]
"""Takes the name or literal asked for, the address it led to, and the port.

None lets it be dialled; a sentence says why not, and is the detail of the fault.
"""


@dataclass(frozen=True, slots=True)
class Means:
    """What every check of a probe shares; `probe.measuring.open_means` makes one."""

    allowed: Allowed
    platform: Platform
    sockets: Sockets
    resolver: Resolver
    now: Callable[[], float]
    """Seconds of a clock that only goes forward; deadlines are moments of it."""
    limits: Limits
    further: Turnstile
    """What the addresses of a name pass, but for the first."""
    complaints: Complaints
    source_ipv4: str | None = None
    """Address of this host to send from."""
    source_ipv6: str | None = None
