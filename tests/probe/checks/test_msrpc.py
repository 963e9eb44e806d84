"""DCE/RPC servers: whatever they think of the bind, they live."""

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.msrpc import MsrpcServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured
from tests.probe.wire.packets import packet


@pytest.mark.parametrize(
    ("server", "detail"),
    [
        (MsrpcServer.accepting(), "bind accepted"),
        (
            MsrpcServer.rejecting_the_interface(),
            "bind answered, interface rejected: abstract syntax not supported",
        ),
        (MsrpcServer.refusing(), "bind refused: protocol version not supported"),
        (MsrpcServer.faulting(), "fault: error access denied"),
    ],
)
async def test_an_rpc_server_lives_whatever_it_thinks_of_the_bind(
    server: MsrpcServer, detail: str
) -> None:
    async with server as address:
        seen = await measured(check_of(address, Service.MSRPC))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert (seen.answered_by, seen.detail) == (AnsweredBy.MSRPC, detail)


async def test_recorded_samba_is_known() -> None:
    async with TcpServer.answering(packet("msrpc-bind-ack-samba")) as address:
        seen = await measured(check_of(address, Service.MSRPC))

    assert (seen.answered_by, seen.detail) == (AnsweredBy.MSRPC, "bind accepted")


async def test_an_answer_to_somebody_else_is_none_to_us() -> None:
    async with MsrpcServer.answering_another_call() as address:
        seen = await measured(check_of(address, Service.MSRPC))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.OTHER)
    assert "answers call 2, not call 1" in seen.detail


async def test_silence_hangs() -> None:
    async with TcpServer.accepting() as address:
        seen = await measured(check_of(address, Service.MSRPC, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.PROTOCOL)
