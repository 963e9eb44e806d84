"""Plain UDP: an answer or a refusal tells something, silence nothing."""

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.tcp import ClosedPort
from tests.fakes.udp import UdpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured


async def test_an_answer_is_one_whoever_gives_it() -> None:
    server = UdpServer.answering(b"hello")
    async with server as address:
        seen = await measured(check_of(address, Service.UDP, proto="udp"))

    assert (seen.outcome, seen.answered_by) == (Outcome.ANSWERED, AnsweredBy.OTHER)
    assert seen.detail == "answered with 5 bytes"
    assert server.received.get_nowait() == b""


async def test_silence_says_nothing() -> None:
    async with UdpServer.silent() as address:
        check = check_of(address, Service.UDP, proto="udp", deadline=HASTY_SECONDS)
        seen = await measured(check)

    assert (seen.outcome, seen.stage, seen.answered_by) == (Outcome.SILENT, Stage.PROTOCOL, None)


async def test_a_closed_port_refuses() -> None:
    async with ClosedPort.udp() as address:
        seen = await measured(check_of(address, Service.UDP, proto="udp"))

    assert (seen.outcome, seen.sender) == (Outcome.REFUSED, "127.0.0.1")
