"""Syslog receivers: reached without a trace, or with one marked line where that is wanted."""

import re

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from probe.wire.syslog import read_message
from tests.fakes.certificates import Tls
from tests.fakes.syslog import Ending, SyslogServer
from tests.fakes.tcp import TcpServer
from tests.fakes.udp import UdpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured

OVER_TCP = (Service.SYSLOG,)
OVER_TLS = (Service.SYSLOG, Service.TLS)


async def test_on_tcp_to_be_connected_says_all() -> None:
    server = SyslogServer.over_tcp()
    async with server as address:
        seen = await measured(check_of(address, *OVER_TCP))

        assert await server.endings.get() is Ending.IN_ORDER
    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.CONNECT)
    assert (seen.answered_by, seen.detail) == (AnsweredBy.NONE, "")
    assert (server.received.empty(), server.junk) == (True, [])


async def test_on_tls_the_handshake_ends_in_order() -> None:
    server = SyslogServer.over_tls()
    async with server as address:
        seen = await measured(check_of(address, *OVER_TLS))

        assert await server.endings.get() is Ending.IN_ORDER
    assert (seen.outcome, seen.stage, seen.detail) == (Outcome.OPEN, Stage.TLS, "")
    assert seen.answered_by is AnsweredBy.TLS
    assert seen.certificate is not None
    assert (server.received.empty(), server.junk) == (True, [])


async def test_on_udp_one_empty_datagram_is_sent() -> None:
    server = SyslogServer.over_udp()
    async with server as address:
        check = check_of(address, *OVER_TCP, proto="udp", deadline=HASTY_SECONDS)
        seen = await measured(check)

    assert (seen.outcome, seen.answered_by) == (Outcome.SILENT, None)
    assert server.received.get_nowait() == b""
    assert server.received.empty()


@pytest.mark.parametrize(
    ("server", "services", "stage"),
    [
        (SyslogServer.over_tcp(), OVER_TCP, Stage.PROTOCOL),
        (SyslogServer.over_tls(), OVER_TLS, Stage.PROTOCOL),
    ],
    ids=["tcp", "tls"],
)
async def test_one_marked_message_is_sent_where_that_is_wanted(
    server: SyslogServer, services: tuple[Service, ...], stage: Stage
) -> None:
    async with server as address:
        seen = await measured(check_of(address, *services, syslog_send=True))

        assert await server.endings.get() is Ending.IN_ORDER
        message = read_message(await server.received.get())
    assert (seen.outcome, seen.stage) == (Outcome.OPEN, stage)
    assert message.nonce is not None
    assert seen.detail == f"one message was sent, nonce={message.nonce}"
    assert (server.received.empty(), server.junk) == (True, [])


async def test_one_marked_message_is_sent_over_udp_where_that_is_wanted() -> None:
    server = SyslogServer.over_udp()
    async with server as address:
        check = check_of(address, *OVER_TCP, proto="udp", deadline=HASTY_SECONDS, syslog_send=True)
        first = await measured(check)
        second = await measured(check)

    nonces = [read_message(server.received.get_nowait()).nonce for _ in range(2)]
    assert [re.search(r"nonce=(\w+)$", seen.detail)[1] for seen in (first, second)] == nonces  # type: ignore[index] # it is there
    assert nonces[0] != nonces[1]
    assert first.outcome is Outcome.SILENT


async def test_an_answer_over_udp_is_something_else_s() -> None:
    async with UdpServer.answering(b"hello") as address:
        seen = await measured(check_of(address, *OVER_TCP, proto="udp"))

    assert (seen.outcome, seen.answered_by) == (Outcome.ANSWERED, AnsweredBy.OTHER)
    assert seen.detail == "answered with 5 bytes, which syslog never does"


async def test_a_receiver_in_clear_hangs_where_tls_belongs() -> None:
    async with SyslogServer.over_tcp() as address:
        seen = await measured(check_of(address, *OVER_TLS, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.TLS)


async def test_something_else_in_clear_is_named_where_tls_belongs() -> None:
    async with TcpServer.speaking(b"220 mail.example ESMTP\r\n") as address:
        seen = await measured(check_of(address, *OVER_TLS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.OTHER)
    assert "a mail or FTP server" in seen.detail


async def test_a_receiver_that_demands_a_certificate_is_alive() -> None:
    async with SyslogServer.over_tls(Tls(client_certificate=True)) as address:
        seen = await measured(check_of(address, *OVER_TLS))

    assert (seen.outcome, seen.client_certificate) == (Outcome.OPEN, True)
