"""Linux' codes and structures, as they were recorded."""

import errno
import socket
import struct

import pytest

from flows.outcomes import Outcome
from probe.platforms import linux
from probe.platforms.evidence import IcmpError

# IP_RECVERR as a 6.18 kernel filled it: EHOSTUNREACH, ICMP 3/13 from 10.77.1.1.
PROHIBITED = bytes.fromhex("71000000 02030d00 00000000 00000000 02000000 0a4d0101 0000000000000000")
# IPV6_RECVERR: EACCES, ICMPv6 1/1 from fd77:1::1.
PROHIBITED6 = bytes.fromhex(
    "0d000000 03010100 00000000 000000000a000000 00000000 fd770001000000000000000000000001 00000000"
)
FRAGMENTATION_NEEDED = bytes.fromhex("5a000000 02030400 dc050000 00000000 02000000 0a4d0101")
PACKET_TOO_BIG = bytes.fromhex("5a000000 03020000 dc050000 00000000")
LOCAL = bytes.fromhex("5a000000 01000000 dc050000 00000000")


@pytest.mark.parametrize(
    ("recorded", "error"),
    [
        (PROHIBITED, IcmpError(4, 3, 13, "10.77.1.1")),
        (PROHIBITED[:16], IcmpError(4, 3, 13, None)),
        (PROHIBITED6, IcmpError(6, 1, 1, "fd77:1::1")),
        (FRAGMENTATION_NEEDED, None),
        (PACKET_TOO_BIG, None),
        (LOCAL, None),
        (PROHIBITED[:15], None),
        (b"", None),
    ],
)
def test_the_error_queue_is_read(recorded: bytes, error: IcmpError | None) -> None:
    assert linux.read_extended_error(recorded) == error


@pytest.mark.parametrize("size", range(len(PROHIBITED6)))
def test_an_entry_cut_short_is_no_accident(size: int) -> None:
    found = linux.read_extended_error(PROHIBITED6[:size])

    assert found is None or found.sender in {None, "fd77:1::1"}


@pytest.mark.parametrize(
    ("code", "outcome", "routed"),
    [
        (errno.ECONNREFUSED, Outcome.REFUSED, True),
        (errno.ENETUNREACH, Outcome.UNREACHABLE, False),
        (errno.EHOSTUNREACH, Outcome.UNREACHABLE, True),
        (errno.EADDRNOTAVAIL, Outcome.UNREACHABLE, False),
        (errno.EAFNOSUPPORT, Outcome.UNREACHABLE, False),
        (errno.EINVAL, Outcome.UNREACHABLE, True),
        (errno.ENETDOWN, Outcome.UNREACHABLE, True),
        (errno.EACCES, Outcome.DENIED, True),
        (errno.EPERM, Outcome.DENIED, True),
        (errno.ETIMEDOUT, Outcome.FILTERED, True),
        (errno.ECONNRESET, Outcome.RESET, True),
        (errno.EPIPE, Outcome.RESET, True),
        (errno.ECONNABORTED, Outcome.RESET, True),
        (errno.ENOPROTOOPT, Outcome.REJECTED, True),
        (errno.EPROTO, Outcome.REJECTED, True),
        (errno.EMFILE, Outcome.FAULT, True),
        (errno.ENOBUFS, Outcome.FAULT, True),
    ],
)
def test_every_error_code_has_its_word(code: int, outcome: Outcome, routed: bool) -> None:
    cause = linux.cause_of(OSError(code, "as the system says it"))

    assert (cause.outcome, cause.routed) == (outcome, routed)
    assert cause.detail


@pytest.mark.parametrize(
    ("code", "seconds", "word"),
    [
        (socket.EAI_NONAME, 0.01, "nxdomain"),
        (socket.EAI_NODATA, 0.01, "nxdomain"),
        (socket.EAI_FAIL, 0.01, "servfail"),
        (socket.EAI_AGAIN, 0.01, "servfail"),
        (socket.EAI_AGAIN, 1.0, "timeout"),
        (socket.EAI_MEMORY, 0.01, None),
    ],
)
def test_a_name_that_fails_says_how(code: int, seconds: float, word: str | None) -> None:
    said = linux.name_failure(code, seconds)

    assert (said and said.partition(":")[0]) == word


def recorded_tcp_info(state: int, repeats: int, on_the_way: int, rtt: int, handed: int) -> bytes:
    """Lay struct tcp_info out as linux/tcp.h does."""
    info = bytearray(104)
    info[0], info[2] = state, repeats
    for at, value in ((36, on_the_way), (68, rtt), (100, handed)):
        struct.pack_into("=I", info, at, value)
    return bytes(info)


@pytest.mark.parametrize(
    ("info", "established", "rtt", "repeated", "withheld"),
    [
        (recorded_tcp_info(1, 0, 0, 20031, 0), True, 0.020031, 0, False),
        (recorded_tcp_info(1, 0, 0, 20100, 2), True, 0.0201, 2, False),
        (recorded_tcp_info(8, 0, 0, 150, 0), True, 0.00015, 0, False),
        (recorded_tcp_info(2, 2, 1, 0, 2), False, None, 2, False),
        (recorded_tcp_info(2, 2, 0, 0, 2), False, None, 2, True),
        (recorded_tcp_info(2, 3, 0, 0, 1), False, None, 1, False),
        (recorded_tcp_info(2, 0, 0, 0, 0), False, None, 0, False),
        (recorded_tcp_info(7, 3, 0, 0, 0), False, None, 0, False),
    ],
    ids=[
        "established",
        "established after two lost SYNs",
        "closed by the peer since",
        "dropped on the way",
        "dropped by this host",
        "waiting for a neighbour",
        "just begun",
        "given up",
    ],
)
def test_tcp_info_is_read(
    info: bytes, established: bool, rtt: float | None, repeated: int, withheld: bool
) -> None:
    assert linux.read_tcp_info(info) == (established, rtt, repeated, withheld)


def test_a_socket_never_blocks_and_keeps_icmp_errors() -> None:
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        assert opened.gettimeout() == 0.0
        assert opened.getsockopt(socket.IPPROTO_IP, linux.IP_RECVERR) == 1

        linux.settle(opened)

        assert opened.getsockopt(socket.IPPROTO_IP, linux.IP_RECVERR) == 0


def test_so_does_one_of_ipv6() -> None:
    with linux.open_socket(socket.AF_INET6, socket.SOCK_STREAM) as opened:
        assert opened.getsockopt(socket.IPPROTO_IPV6, linux.IPV6_RECVERR) == 1

        linux.settle(opened)

        assert opened.getsockopt(socket.IPPROTO_IPV6, linux.IPV6_RECVERR) == 0


def test_a_queue_without_an_error_gives_none() -> None:
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        assert linux.icmp_error(opened, OSError(errno.ECONNREFUSED, "refused")) is None


def test_binding_leaves_the_port_to_the_connection() -> None:
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        linux.bind(opened, "127.0.0.1")

        assert opened.getsockname() == ("127.0.0.1", 0)
