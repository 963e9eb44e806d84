"""Windows' codes and structures, on any system."""

import errno
import socket
import struct

import pytest

from flows.outcomes import Outcome
from probe.platforms import windows
from probe.platforms.evidence import IcmpError
from probe.platforms.loop_sockets import LoopSockets

SOCKADDR_IN = struct.pack("<HH4s20x", windows.AF_INET, 0, socket.inet_aton("10.77.1.1"))
SOCKADDR_IN6 = struct.pack(
    "<HHI16sI", windows.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, "fd77:1::1"), 0
)
NOBODY = bytes(28)
ICMP, ICMPV6 = 1, 58


def os_error(code: int, *, winerror: bool) -> OSError:
    """Make what Python raises on Windows: the proactor's has an errno of no use beside it."""
    error = OSError(errno.EINVAL if winerror else code, "as Windows says it")
    if winerror:
        error.winerror = code  # type: ignore[attr-defined]  # Python has it on Windows only
    return error


@pytest.mark.parametrize(
    ("code", "outcome", "routed"),
    [
        (10013, Outcome.DENIED, True),
        (10047, Outcome.UNREACHABLE, False),
        (10049, Outcome.UNREACHABLE, False),
        (10050, Outcome.UNREACHABLE, True),
        (10051, Outcome.UNREACHABLE, False),
        (10052, Outcome.RESET, True),
        (10053, Outcome.RESET, True),
        (10054, Outcome.RESET, True),
        (10060, Outcome.FILTERED, True),
        (10061, Outcome.REFUSED, True),
        (10064, Outcome.UNREACHABLE, True),
        (10065, Outcome.UNREACHABLE, True),
        (5, Outcome.DENIED, True),
        (64, Outcome.RESET, True),
        (121, Outcome.FILTERED, True),
        (1225, Outcome.REFUSED, True),
        (1231, Outcome.UNREACHABLE, False),
        (1232, Outcome.UNREACHABLE, True),
        (1233, Outcome.REJECTED, True),
        (1234, Outcome.REFUSED, True),
        (1236, Outcome.RESET, True),
        (10024, Outcome.FAULT, True),
        (10055, Outcome.FAULT, True),
    ],
)
@pytest.mark.parametrize("winerror", [True, False])
def test_every_error_code_has_its_word(
    code: int, outcome: Outcome, routed: bool, winerror: bool
) -> None:
    cause = windows.cause_of(os_error(code, winerror=winerror))

    assert (cause.outcome, cause.routed) == (outcome, routed)
    assert cause.detail


@pytest.mark.parametrize(
    ("code", "outcome", "detail"),
    [
        (10054, Outcome.REFUSED, "port unreachable"),
        (1234, Outcome.REFUSED, "port unreachable"),
        (10052, Outcome.REJECTED, "loop"),
        (10013, Outcome.DENIED, "this host's own firewall forbade it"),
    ],
)
def test_a_datagram_has_words_of_its_own(code: int, outcome: Outcome, detail: str) -> None:
    cause = windows.cause_of(os_error(code, winerror=False), datagram=True)

    assert (cause.outcome, cause.detail) == (outcome, detail)


def test_a_code_that_no_table_knows_is_named() -> None:
    cause = windows.cause_of(os_error(10024, winerror=True))

    assert cause.detail == "this host could not: as Windows says it (10024)"


@pytest.mark.parametrize(
    ("info", "error"),
    [
        (SOCKADDR_IN + struct.pack("<IBB2x", ICMP, 3, 13), IcmpError(4, 3, 13, "10.77.1.1")),
        (SOCKADDR_IN6 + struct.pack("<IBB2x", ICMPV6, 1, 1), IcmpError(6, 1, 1, "fd77:1::1")),
        (NOBODY + struct.pack("<IBB2x", ICMP, 11, 0), IcmpError(4, 11, 0, None)),
        (SOCKADDR_IN + struct.pack("<IBB2x", ICMP, 3, 4), None),
        (SOCKADDR_IN6 + struct.pack("<IBB2x", ICMPV6, 2, 0), None),
        (SOCKADDR_IN, None),
    ],
)
def test_icmp_error_info_is_read(info: bytes, error: IcmpError | None) -> None:
    assert windows.read_icmp_error_info(info) == error


def recorded_tcp_info(state: int, rtt: int, syn_retransmits: int) -> bytes:
    """Lay TCP_INFO_v0 out as mstcpip.h does."""
    info = bytearray(88)
    struct.pack_into("<I", info, 0, state)
    struct.pack_into("<I", info, 20, rtt)
    info[84] = syn_retransmits
    return bytes(info)


@pytest.mark.parametrize(
    ("info", "read"),
    [
        (recorded_tcp_info(4, 20031, 0), (True, 0.020031, 0, False)),
        (recorded_tcp_info(4, 20031, 2), (True, 0.020031, 2, False)),
        (recorded_tcp_info(2, 0, 3), (False, None, 3, False)),
        (bytes(87), None),
    ],
)
def test_tcp_info_is_read(info: bytes, read: tuple[bool, float | None, int, bool] | None) -> None:
    assert windows.read_tcp_info(info) == read


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (11001, "nxdomain"),
        (11002, "servfail"),
        (11003, "servfail"),
        (11004, "nxdomain"),
        (8, None),
    ],
)
def test_a_name_that_fails_says_how(code: int, word: str | None) -> None:
    said = windows.name_failure(code, 0.01)

    assert (said and said.partition(":")[0]) == word


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_windows_that_knows_no_option_of_ours_will_do(kind: socket.SocketKind) -> None:
    with windows.open_socket(socket.AF_INET, kind) as opened:
        windows.bind(opened, "127.0.0.1")
        windows.settle(opened)

        assert opened.gettimeout() == 0.0
        assert opened.getsockname()[0] == "127.0.0.1"
        assert windows.icmp_error(opened, os_error(10061, winerror=True)) is None
        assert windows.tcp_info(opened) is None


async def test_the_loop_itself_waits_on_sockets() -> None:
    async with windows.open_sockets(lambda: 0.0) as sockets:
        assert isinstance(sockets, LoopSockets)
