"""What an operating system can tell of a connection, in words that all of them share."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from socket import AddressFamily, SocketKind, socket
from typing import NamedTuple, Protocol

from flows.outcomes import Outcome

FRAGMENTATION_NEEDED = (3, 4)
"""ICMP type and code, RFC 792."""
PACKET_TOO_BIG = 2
"""ICMPv6 type, RFC 4443 3.2."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What an error code of this system means for a measurement."""

    outcome: Outcome
    detail: str
    routed: bool = True
    """False where it says that this host has no route."""


@dataclass(frozen=True, slots=True)
class IcmpError:
    """An ICMP error that the system received about a socket of ours."""

    version: int
    """4 for ICMP, 6 for ICMPv6."""
    type: int
    code: int
    sender: str | None
    """Address of who sent it; None where the system does not say."""
    at_once: bool = False
    """Whether it came while the packet was being sent: this host's own answer to itself."""


class TcpInfo(NamedTuple):
    """The kernel's own view of a connection; a tuple because every check makes one."""

    established: bool
    """Whether the handshake was done."""
    rtt_seconds: float | None
    """Smoothed round trip; None before the first sample."""
    syn_retransmits: int
    withheld: bool = False
    """Each packet that the kernel tried to send was dropped on this host."""


class Sockets(Protocol):
    """Waits on non-blocking sockets, for one task per socket at a time.

    Deadlines are moments of the clock that it was made with.

    Each method raises TimeoutError at the deadline and OSError as the system gave it.
    """

    async def connect(
        self, connecting: socket, address: "SocketAddress", deadline: float
    ) -> TcpInfo | None:
        """Connect a TCP socket; None where the system has no TCP_INFO."""
        ...

    async def send(self, connected: socket, data: bytes, deadline: float) -> None:
        """Send all of it on a socket that was connected here."""
        ...

    async def receive(self, connected: socket, at_most: int, deadline: float) -> bytes:
        """Receive what there is, at least one byte; empty at the end of the stream."""
        ...

    async def exchange(
        self, connected: socket, datagram: bytes, at_most: int, deadline: float
    ) -> bytes:
        """Send a datagram on a connected UDP socket and receive one; an empty one counts."""
        ...


SocketAddress = tuple[str, int] | tuple[str, int, int, int]
"""As the socket module writes an IPv4 and an IPv6 address."""


class Clock(Protocol):
    """Reads the time in seconds; it only ever goes forward."""

    def __call__(self) -> float:
        """Say how late it is."""
        ...


class Platform(Protocol):
    """What a module of this package offers."""

    DEADLINE_SECONDS: float
    """How long a stage of a check may take unless somebody says otherwise."""

    def open_socket(self, family: AddressFamily, kind: SocketKind, /) -> socket:
        """Make a non-blocking socket about which the system keeps ICMP errors."""
        ...

    def settle(self, connected: socket, /) -> None:
        """Have the system no longer break a connection that stands for an ICMP error."""
        ...

    def bind(self, opened: socket, address: str, /) -> None:
        """Send from an address of this host."""
        ...

    def icmp_error(self, failed: socket, error: OSError, /) -> IcmpError | None:
        """Take the ICMP error behind a connection or an exchange that failed, if there is one."""
        ...

    def tcp_info(self, connecting: socket, /) -> TcpInfo | None:
        """Read TCP_INFO; None where the system has none."""
        ...

    def cause_of(self, error: OSError, /, *, datagram: bool = False) -> Cause:
        """Look up what an error code means where no ICMP error explains it."""
        ...

    def name_failure(self, code: int, seconds: float, /) -> str | None:
        """Say what getaddrinfo's code after so long means; None if it blames this program."""
        ...

    def open_sockets(self, now: Clock, /) -> AbstractAsyncContextManager[Sockets]:
        """Make what waits on sockets in the running event loop."""
        ...
