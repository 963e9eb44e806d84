"""From an exception of the system to the end of a check."""

import errno
import socket

import pytest

from flows.outcomes import Outcome, Stage
from probe.engine.addresses import Target
from probe.engine.failures import caused, unanswered, unreached
from probe.platforms import linux, windows
from probe.platforms.evidence import TcpInfo

DESTINATION = Target(socket.AF_INET, "127.0.0.1", "127.0.0.1")


def test_an_icmp_error_says_more_than_the_error_code(closed_udp_port: int) -> None:
    with linux.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(DESTINATION.with_port(closed_udp_port))
        asking.send(b"")
        with pytest.raises(ConnectionRefusedError) as raised:
            asking.recv(1)

        ended = unreached(linux, asking, raised.value, DESTINATION, Stage.PROTOCOL)

    assert (ended.outcome, ended.stage) == (Outcome.REFUSED, Stage.PROTOCOL)
    assert (ended.sender, ended.icmp) == ("127.0.0.1", (3, 3))


def test_without_one_the_error_code_has_to_do() -> None:
    error = OSError(errno.ENETUNREACH, "Network is unreachable")
    with linux.open_socket(socket.AF_INET, socket.SOCK_STREAM) as unconnected:
        ended = unreached(linux, unconnected, error, DESTINATION, Stage.CONNECT)

    assert (ended.outcome, ended.routed) == (Outcome.UNREACHABLE, False)


def test_windows_calls_a_closed_port_of_udp_a_reset() -> None:
    error = OSError(10054, "An existing connection was forcibly closed by the remote host")
    with windows.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        ended = unreached(windows, asking, error, DESTINATION, Stage.PROTOCOL)

    assert ended.outcome is Outcome.REFUSED


def test_what_no_table_knows_is_our_own_fault() -> None:
    ended = caused(linux, OSError(errno.EMFILE, "Too many open files"), Stage.CONNECT)

    assert ended.outcome is Outcome.FAULT
    assert ended.detail == "this host could not: Too many open files"


@pytest.mark.parametrize(
    ("info", "outcome"),
    [
        (None, Outcome.FILTERED),
        (TcpInfo(established=False, rtt_seconds=None, syn_retransmits=3), Outcome.FILTERED),
        (TcpInfo(False, None, 3, withheld=True), Outcome.DENIED),
    ],
)
def test_silence_is_the_networks_unless_nothing_ever_left(
    info: TcpInfo | None, outcome: Outcome
) -> None:
    assert unanswered(info, 4.0).outcome is outcome
