"""Linux: errno, the socket's error queue (ip(7), IP_RECVERR) and TCP_INFO.

TCP sockets keep ICMP errors in their queue since Linux 5.8; before, the errno alone has to do.
"""

import errno
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flows.outcomes import Outcome
from probe.platforms.epoll import EpollSockets
from probe.platforms.evidence import (
    FRAGMENTATION_NEEDED,
    PACKET_TOO_BIG,
    Cause,
    Clock,
    IcmpError,
    Sockets,
    TcpInfo,
)

DEADLINE_SECONDS = 4.0
"""Linux needs 3.1 s to give a silent neighbour up."""

# From linux/in.h, linux/in6.h and linux/errqueue.h; Python names none of them.
IP_RECVERR = 11
IPV6_RECVERR = 25
IP_BIND_ADDRESS_NO_PORT = 24
_EXTENDED_ERRORS = frozenset({(socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)})
_ORIGIN_ICMP = 2
_ORIGIN_ICMP6 = 3
_EXTENDED_ERROR = struct.Struct("=IBBBBII")
"""struct sock_extended_err: errno, origin, type, code, padding, info, data."""
_OFFENDER_IPV4 = slice(_EXTENDED_ERROR.size + 4, _EXTENDED_ERROR.size + 8)
_OFFENDER_IPV6 = slice(_EXTENDED_ERROR.size + 8, _EXTENDED_ERROR.size + 24)
"""Where sin_addr and sin6_addr stand in the sockaddr that follows."""
_QUEUED_BYTES = 512

_TCP_INFO = struct.Struct("=BxB33xI28xI28xI")
"""struct tcp_info, linux/tcp.h: state, retransmits, retrans, rtt in microseconds, total_retrans."""
_SYN_SENT = 2
_SYN_RECEIVED = 3
_CLOSED = 7
_UNDONE = frozenset({_SYN_SENT, _SYN_RECEIVED, _CLOSED})

_CAUSES = {
    errno.ECONNREFUSED: Cause(Outcome.REFUSED, "the destination refused the connection"),
    errno.ENETUNREACH: Cause(Outcome.UNREACHABLE, "this host has no route to it", routed=False),
    errno.EHOSTUNREACH: Cause(
        Outcome.UNREACHABLE, "this host's own route or neighbour does not lead to it"
    ),
    errno.EADDRNOTAVAIL: Cause(
        Outcome.UNREACHABLE, "this host has no address to send from", routed=False
    ),
    errno.EAFNOSUPPORT: Cause(
        Outcome.UNREACHABLE, "this host does not speak this family of addresses", routed=False
    ),
    errno.EINVAL: Cause(Outcome.UNREACHABLE, "this host's own route discards it"),
    errno.ENETDOWN: Cause(Outcome.UNREACHABLE, "this host's network interface is down"),
    errno.EACCES: Cause(Outcome.DENIED, "this host's own rules prohibit it"),
    errno.EPERM: Cause(Outcome.DENIED, "this host's own firewall dropped it"),
    errno.ETIMEDOUT: Cause(Outcome.FILTERED, "no answer until this host gave up"),
    errno.ECONNRESET: Cause(Outcome.RESET, "the connection was reset"),
    errno.EPIPE: Cause(Outcome.RESET, "the connection was reset"),
    errno.ECONNABORTED: Cause(Outcome.RESET, "the connection was aborted"),
    errno.ENOPROTOOPT: Cause(Outcome.REJECTED, "protocol unreachable"),
    errno.EPROTO: Cause(Outcome.REJECTED, "parameter problem"),
}

_SHORTEST_WAIT_SECONDS = 1.0
"""resolv.conf(5), `timeout`: glibc waits whole seconds, so what came sooner was an answer."""
_NAME_FAILURES = {
    socket.EAI_NONAME: "nxdomain: the name does not exist",
    socket.EAI_NODATA: "nxdomain: the name exists and has no address",
    socket.EAI_FAIL: "servfail: the name servers refuse to answer",
}


def open_socket(family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
    """Make a non-blocking socket and have the kernel queue the ICMP errors about it."""
    opened = socket.socket(family, kind | socket.SOCK_NONBLOCK)
    if family == socket.AF_INET:
        opened.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    else:
        opened.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    return opened


def settle(connected: socket.socket) -> None:
    """Have TCP ride over ICMP errors again: with IP_RECVERR it would give the connection up."""
    if connected.family == socket.AF_INET:
        connected.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 0)
    else:
        connected.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 0)


def bind(opened: socket.socket, address: str) -> None:
    """Send from an address of this host; the port is chosen only when the destination is known."""
    opened.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    opened.bind((address, 0))


def icmp_error(failed: socket.socket, error: OSError) -> IcmpError | None:
    """Take the first ICMP error that is no news of the path's packet size off a socket's queue."""
    while True:
        try:
            _, ancillary, _, _ = failed.recvmsg(
                _QUEUED_BYTES, _QUEUED_BYTES, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT
            )
        except OSError:  # the queue is empty
            return None
        for level, kind, data in ancillary:
            if (level, kind) not in _EXTENDED_ERRORS:
                continue
            if found := read_extended_error(data, at_once=_at_once(failed, error)):
                return found


def _at_once(failed: socket.socket, error: OSError) -> bool:
    """Whether an error came while the kernel was still busy sending what it is about.

    A handshake that an ICMP error ends later is closed; one whose own SYN brought the error is not.
    """
    if failed.type == socket.SOCK_STREAM:
        return _state(failed) == _SYN_SENT
    return error.errno == errno.EPERM


def read_extended_error(data: bytes, *, at_once: bool = False) -> IcmpError | None:
    """Read struct sock_extended_err and the sockaddr after it; None if no ICMP error that counts.

    A packet that was too big for the path only makes the next one smaller.
    """
    if len(data) < _EXTENDED_ERROR.size:
        return None
    _, origin, kind, code, _, _, _ = _EXTENDED_ERROR.unpack_from(data)
    if origin == _ORIGIN_ICMP and (kind, code) != FRAGMENTATION_NEEDED:
        sender = _address(socket.AF_INET, data[_OFFENDER_IPV4])
        return IcmpError(4, kind, code, sender, at_once)
    if origin == _ORIGIN_ICMP6 and kind != PACKET_TOO_BIG:
        sender = _address(socket.AF_INET6, data[_OFFENDER_IPV6])
        return IcmpError(6, kind, code, sender, at_once)
    return None


def _address(family: socket.AddressFamily, packed: bytes) -> str | None:
    size = 4 if family == socket.AF_INET else 16
    return socket.inet_ntop(family, packed) if len(packed) == size and any(packed) else None


def _state(connecting: socket.socket) -> int:
    return connecting.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def tcp_info(connecting: socket.socket) -> TcpInfo:
    """Read TCP_INFO of a socket."""
    info = connecting.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    return read_tcp_info(info)


def read_tcp_info(info: bytes) -> TcpInfo:
    """Read struct tcp_info.

    While the handshake lasts, `retrans` counts repeated SYNs on their way and `total_retrans` those
    that TCP handed down. Some of the latter and none of the former: this host dropped each of them.
    """
    state, repeats, on_the_way, rtt_microseconds, handed_down = _TCP_INFO.unpack_from(info)
    return TcpInfo(
        state not in _UNDONE,
        rtt_microseconds / 1e6 if rtt_microseconds else None,
        handed_down,
        state == _SYN_SENT and not on_the_way and 0 < repeats == handed_down,
    )


def cause_of(error: OSError, *, datagram: bool = False) -> Cause:  # noqa: ARG001 - as on Windows
    """Look up what an errno means where no ICMP error explains it; the rest is our own fault."""
    if (known := _CAUSES.get(error.errno or 0)) is not None:
        return known
    return Cause(Outcome.FAULT, f"this host could not: {error.strerror or error}")


def name_failure(code: int, seconds: float) -> str | None:
    """Say what an error code of getaddrinfo means for a name; None if it blames this program.

    EAI_AGAIN is both a failed and a silent name server: the seconds that it took tell them apart.
    """
    if code == socket.EAI_AGAIN:
        if seconds < _SHORTEST_WAIT_SECONDS:
            return "servfail: the name servers failed, or none could be reached"
        return "timeout: the name servers did not answer"
    return _NAME_FAILURES.get(code)


@asynccontextmanager
async def open_sockets(now: Clock) -> AsyncIterator[Sockets]:
    """Make a poller of our own beside the running loop."""
    sockets = EpollSockets(tcp_info, now)
    try:
        yield sockets
    finally:
        sockets.close()
