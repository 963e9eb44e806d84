"""SQL Server Browsers, and what else may sit on their port."""

import asyncio
import socket

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from probe.checks.ssrp import MOST_INSTANCES
from probe.wire.ssrp import Instance, build_instance_request, build_instances_request
from tests.fakes.ssrp import DEFAULT, NAMED, SsrpServer
from tests.fakes.streams import LOOPBACK, Address
from tests.fakes.udp import UdpServer
from tests.probe.checks.measured import HASTY_SECONDS, PATIENT_SECONDS, check_of, measured
from tests.probe.wire.packets import packet


async def asked(
    address: Address, instance: str | None = None, deadline: float = PATIENT_SECONDS
) -> tuple[Outcome, AnsweredBy | None, dict[str, int] | None, str]:
    check = check_of(address, Service.SSRP, proto="udp", instance=instance, deadline=deadline)
    seen = await measured(check)
    assert seen.stage is Stage.PROTOCOL
    return seen.outcome, seen.answered_by, seen.ports, seen.detail


async def test_a_browser_tells_the_port_of_each_instance() -> None:
    async with SsrpServer.knowing((DEFAULT, NAMED)) as address:
        seen = await asked(address)

    assert seen == (
        Outcome.ANSWERED,
        AnsweredBy.SSRP,
        {"MSSQLSERVER": 1433, "SES": 49172},
        "instance MSSQLSERVER 15.0.4298.1 on TCP port 1433, "
        "instance SES 15.0.4298.1 on TCP port 49172",
    )


async def test_a_browser_is_asked_for_one_instance_alone() -> None:
    server = SsrpServer.knowing((DEFAULT, NAMED))
    async with server as address:
        seen = await asked(address, "ses")

    assert seen[2] == {"SES": 49172}
    assert server.received.get_nowait() == build_instance_request("ses")
    assert server.received.empty()


async def test_a_browser_that_does_not_know_the_instance_is_asked_for_all() -> None:
    server = SsrpServer.knowing((DEFAULT,))
    async with server as address:
        seen = await asked(address, "SES", 2.0)

    assert seen == (
        Outcome.ANSWERED,
        AnsweredBy.SSRP,
        {"MSSQLSERVER": 1433},
        "it does not know SES, but instance MSSQLSERVER 15.0.4298.1 on TCP port 1433",
    )
    assert server.received.get_nowait() == build_instance_request("SES")
    assert server.received.get_nowait() == build_instances_request()


async def test_an_instance_without_tcp_has_no_port() -> None:
    async with SsrpServer.knowing((Instance("SQL-01", "SES", "15.0.1"),)) as address:
        seen = await asked(address)

    assert seen[2:] == ({}, "instance SES 15.0.1 on no TCP port")


async def test_no_more_is_kept_than_a_machine_can_have() -> None:
    many = [
        Instance("S", f"I{number}", "15.0.1", transports=(("tcp", str(1024 + number)),))
        for number in range(900)
    ]
    async with SsrpServer.knowing(many) as address:
        seen = await asked(address)

    assert len(seen[2] or {}) == MOST_INSTANCES


@pytest.mark.parametrize("instance", [None, "SES"])
async def test_silence_stays_silence(instance: str | None) -> None:
    async with SsrpServer.silent() as address:
        seen = await asked(address, instance, HASTY_SECONDS)

    assert seen == (Outcome.SILENT, None, None, f"no answer within {HASTY_SECONDS:g} s")


@pytest.mark.parametrize(
    ("reply", "evidence"),
    [
        (b"HTTP/1.1 400", "first bytes 485454502f312e3120343030"),
        (b"\x05\xff\xff" + bytes(60000), "first bytes 05ffff" + "00" * 13),
        (packet("ssrp-answer-mc-sqlr-instance")[:-1], "first bytes 05"),
    ],
)
async def test_garbage_is_answered_by_something_else(reply: bytes, evidence: str) -> None:
    async with UdpServer.answering(reply) as address:
        outcome, answered_by, ports, detail = await asked(address, "SES")

    assert (outcome, answered_by, ports) == (Outcome.ANSWERED, AnsweredBy.OTHER, None)
    assert detail.startswith("not a SQL Server Browser: ")
    assert evidence in detail


async def test_an_empty_datagram_is_an_answer_too() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(LOOPBACK)
        server.setblocking(False)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(asked(Address(*server.getsockname())))
            _, client = await loop.sock_recvfrom(server, 64)
            await loop.sock_sendto(server, b"", client)

    outcome, answered_by, _, detail = asking.result()
    assert (outcome, answered_by) == (Outcome.ANSWERED, AnsweredBy.OTHER)
    assert detail.endswith("first bytes none")
