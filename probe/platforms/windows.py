"""Windows: Winsock and Win32 error codes, ICMP errors and TCP_INFO by ioctl.

The numbers stand here as winsock2.h, winerror.h, ws2ipdef.h and mstcpip.h have them:
Python names few of them, and none on Linux, where this module is tested. Codes are read off
`winerror`, since the proactor loop leaves an errno of 22 (`EINVAL`) beside it.
"""

import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from flows.outcomes import Outcome
from probe.platforms.evidence import (
    FRAGMENTATION_NEEDED,
    PACKET_TOO_BIG,
    Cause,
    Clock,
    IcmpError,
    Sockets,
    TcpInfo,
)
from probe.platforms.loop_sockets import LoopSockets

DEADLINE_SECONDS = 5.0
"""Windows repeats the SYN after a RST: it needs 2 s to report a refusal."""

TCP_FAIL_CONNECT_ON_ICMP_ERROR = 18
TCP_ICMP_ERROR_INFO = 19
"""Both since Windows 10 2004 and Server 2022; older ones let ICMP errors pass unseen."""
SIO_TCP_INFO = 0xD8000027
"""Since Windows 10 1703 and Server 2016."""
AF_INET = 2
AF_INET6 = 23

_SOCKADDR_BYTES = 28
"""SOCKADDR_INET, a union as long as SOCKADDR_IN6."""
_ICMP_ERROR_INFO = struct.Struct("<28sIBB2x")
"""ICMP_ERROR_INFO: source address, protocol, type, code."""
_IPPROTO_ICMPV6 = 58
_TCP_INFO = struct.Struct("<I16xI60xB3x")
"""TCP_INFO_v0: State, RttUs, SynRetrans."""
_DONE_FROM = 4
"""TCPSTATE_ESTABLISHED; the states before it are of a handshake that is not done."""

_NO_ROUTE = Cause(Outcome.UNREACHABLE, "this host has no route to it", routed=False)
_SILENT_NEIGHBOUR = Cause(
    Outcome.UNREACHABLE, "this host's own route or neighbour does not lead to it"
)
_REFUSED = Cause(Outcome.REFUSED, "the destination refused the connection")
_PORT_UNREACHABLE = Cause(Outcome.REFUSED, "port unreachable")
_GIVEN_UP = Cause(Outcome.FILTERED, "no answer until this host gave up")
_RESET = Cause(Outcome.RESET, "the connection was reset")
_ABORTED = Cause(Outcome.RESET, "the connection was aborted")
_DENIED = Cause(Outcome.DENIED, "this host's own firewall forbade it")

_CAUSES = {
    # Winsock: from blocking sockets and the selector loop
    10013: _DENIED,  # WSAEACCES
    10047: Cause(  # WSAEAFNOSUPPORT
        Outcome.UNREACHABLE, "this host does not speak this family of addresses", routed=False
    ),
    10049: Cause(  # WSAEADDRNOTAVAIL
        Outcome.UNREACHABLE, "this host has no address to send from", routed=False
    ),
    10050: Cause(Outcome.UNREACHABLE, "this host's network is down"),  # WSAENETDOWN
    10051: _NO_ROUTE,  # WSAENETUNREACH
    10052: _RESET,  # WSAENETRESET
    10053: _ABORTED,  # WSAECONNABORTED
    10054: _RESET,  # WSAECONNRESET
    10060: _GIVEN_UP,  # WSAETIMEDOUT
    10061: _REFUSED,  # WSAECONNREFUSED
    10064: _SILENT_NEIGHBOUR,  # WSAEHOSTDOWN
    10065: _SILENT_NEIGHBOUR,  # WSAEHOSTUNREACH
    # Win32: from the proactor loop
    5: _DENIED,  # ERROR_ACCESS_DENIED
    64: _RESET,  # ERROR_NETNAME_DELETED
    121: _GIVEN_UP,  # ERROR_SEM_TIMEOUT
    1225: _REFUSED,  # ERROR_CONNECTION_REFUSED
    1231: _NO_ROUTE,  # ERROR_NETWORK_UNREACHABLE
    1232: _SILENT_NEIGHBOUR,  # ERROR_HOST_UNREACHABLE
    1233: Cause(Outcome.REJECTED, "protocol unreachable"),  # ERROR_PROTOCOL_UNREACHABLE
    1234: _PORT_UNREACHABLE,  # ERROR_PORT_UNREACHABLE
    1236: _ABORTED,  # ERROR_CONNECTION_ABORTED
}
_CAUSES_OF_DATAGRAMS = {
    10052: Cause(Outcome.REJECTED, "loop"),  # WSAENETRESET: it lived too long
    10054: _PORT_UNREACHABLE,  # WSAECONNRESET: an earlier one found no port
}
"""Codes that mean something else of UDP (winsock2.h, recv); the sender stays unsaid."""
_NAME_FAILURES = {
    11001: "nxdomain: the name does not exist",  # WSAHOST_NOT_FOUND
    11002: "servfail: the name servers failed, or did not answer",  # WSATRY_AGAIN
    11003: "servfail: the name servers refuse to answer",  # WSANO_RECOVERY
    11004: "nxdomain: the name exists and has no address",  # WSANO_DATA
}


def open_socket(family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
    """Make a non-blocking socket whose connection fails for an ICMP error, where Windows can."""
    opened = socket.socket(family, kind)
    opened.settimeout(0.0)
    if kind == socket.SOCK_STREAM:
        with suppress(OSError):  # an older Windows: silence until the deadline
            opened.setsockopt(socket.IPPROTO_TCP, TCP_FAIL_CONNECT_ON_ICMP_ERROR, 1)
    return opened


def settle(connected: socket.socket) -> None:
    """Leave a connection as it is: the option ends with the handshake."""


def bind(opened: socket.socket, address: str) -> None:
    """Send from an address of this host."""
    opened.bind((address, 0))


def icmp_error(failed: socket.socket, error: OSError) -> IcmpError | None:
    """Ask for the ICMP error that ended a handshake; a datagram's is only in the error code."""
    if isinstance(error, TimeoutError) or failed.type != socket.SOCK_STREAM:
        return None
    try:
        info = failed.getsockopt(socket.IPPROTO_TCP, TCP_ICMP_ERROR_INFO, _ICMP_ERROR_INFO.size)
    except OSError:  # there was none, or this Windows is older
        return None
    return read_icmp_error_info(info)


def read_icmp_error_info(info: bytes) -> IcmpError | None:
    """Read ICMP_ERROR_INFO; None if it is no ICMP error that counts."""
    if len(info) < _ICMP_ERROR_INFO.size:
        return None
    source, protocol, kind, code = _ICMP_ERROR_INFO.unpack_from(info)
    version = 6 if protocol == _IPPROTO_ICMPV6 else 4
    small = kind == PACKET_TOO_BIG if version == 6 else (kind, code) == FRAGMENTATION_NEEDED
    return None if small else IcmpError(version, kind, code, _address(source))


def _address(sockaddr: bytes) -> str | None:
    family = int.from_bytes(sockaddr[:2], "little")
    if family == AF_INET:
        return socket.inet_ntop(socket.AF_INET, sockaddr[4:8])
    if family == AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, sockaddr[8:24])
    return None


def tcp_info(connecting: socket.socket) -> TcpInfo | None:
    """Read TCP_INFO; None where this Windows has none."""
    answer = _ioctl(connecting.fileno(), SIO_TCP_INFO, bytes(4), _TCP_INFO.size)
    return read_tcp_info(answer) if answer is not None else None


def read_tcp_info(info: bytes) -> TcpInfo | None:
    """Read TCP_INFO_v0."""
    if len(info) < _TCP_INFO.size:
        return None
    state, rtt_microseconds, syn_retransmits = _TCP_INFO.unpack_from(info)
    rtt = rtt_microseconds / 1e6 if rtt_microseconds else None
    return TcpInfo(state >= _DONE_FROM, rtt, syn_retransmits)


def _ioctl(handle: int, request: int, given: bytes, size: int) -> bytes | None:
    """Call WSAIoctl; Python's socket.ioctl refuses requests that it does not know."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows has what it calls

        answer = ctypes.create_string_buffer(size)
        filled = ctypes.c_ulong()
        failed = ctypes.WinDLL("ws2_32").WSAIoctl(
            ctypes.c_size_t(handle),
            ctypes.c_ulong(request),
            given,
            ctypes.c_ulong(len(given)),
            answer,
            ctypes.c_ulong(size),
            ctypes.byref(filled),
            None,
            None,
        )
        return None if failed else answer.raw[: filled.value]
    return None


def cause_of(error: OSError, *, datagram: bool = False) -> Cause:
    """Look up what a code means where no ICMP error explains it; the rest is our own fault."""
    code = getattr(error, "winerror", None) or error.errno or 0
    if datagram and code in _CAUSES_OF_DATAGRAMS:
        return _CAUSES_OF_DATAGRAMS[code]
    if code in _CAUSES:
        return _CAUSES[code]
    return Cause(Outcome.FAULT, f"this host could not: {error.strerror or error} ({code})")


def name_failure(code: int, seconds: float) -> str | None:  # noqa: ARG001 - as on Linux
    """Say what an error code of getaddrinfo means for a name; None if it blames this program."""
    return _NAME_FAILURES.get(code)


@asynccontextmanager
async def open_sockets(now: Clock) -> AsyncIterator[Sockets]:
    """Wait by the loop's own calls: the proactor has no readers to add."""
    yield LoopSockets(tcp_info, now)
