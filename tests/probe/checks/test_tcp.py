"""Plain TCP: being accepted is the whole answer."""

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.streams import LOOPBACK_IPV6
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured


async def test_a_listener_is_open_whatever_it_would_say() -> None:
    server = TcpServer.accepting()
    async with server as address:
        seen = await measured(check_of(address, Service.TCP))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.CONNECT)
    assert (seen.answered_by, seen.address) == (AnsweredBy.NONE, "127.0.0.1")
    assert seen.rtt_seconds is not None


async def test_a_listener_on_ipv6_is_open() -> None:
    async with TcpServer.accepting(bind=LOOPBACK_IPV6) as address:
        seen = await measured(check_of(address, Service.TCP))

    assert (seen.outcome, seen.address) == (Outcome.OPEN, "::1")


async def test_a_closed_port_refuses() -> None:
    async with ClosedPort.tcp() as address:
        seen = await measured(check_of(address, Service.TCP))

    assert (seen.outcome, seen.answered_by) == (Outcome.REFUSED, None)


async def test_a_full_backlog_is_silence() -> None:
    async with FullBacklog() as address:
        seen = await measured(check_of(address, Service.TCP, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.FILTERED, Stage.CONNECT)
