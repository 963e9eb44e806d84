"""A check as the probe measures it: whatever goes wrong is an observation."""

import asyncio
import dataclasses
import logging
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Observation, Outcome, Service, Stage
from probe import checks
from probe.engine.attempt import Attempt
from probe.engine.names import Resolver
from probe.limits import Limits
from probe.measuring import Means, measure, open_means
from probe.platforms import THIS_PLATFORM
from probe.platforms.evidence import SocketAddress
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.fakes.udp import UdpServer

LONG = 0.5
BUSY_SECONDS = 0.1
LOOPBACK = "127.0.0.1"
ANYTHING = Check(
    id=17,
    address=LOOPBACK,
    name=None,
    proto="tcp",
    port=9,
    services=(Service.TCP,),
    interval=15.0,
    deadline=5.0,
    offset=0.0,
)


def check(address: str = LOOPBACK, port: int = 9, **changes: object) -> Check:
    return msgspec.structs.replace(ANYTHING, address=address, port=port, **changes)


@pytest.fixture
async def means() -> AsyncIterator[Means]:
    """Allow everything."""
    async with open_means(lambda _name, _address, _port: None) as opened:
        yield opened


def knowing(means: Means, names: Mapping[str, Sequence[SocketAddress]]) -> Means:
    """Look names up in a table."""
    resolver = Resolver(THIS_PLATFORM, means.now, names.__getitem__)
    return dataclasses.replace(means, resolver=resolver)


async def test_a_port_that_accepts_is_open(means: Means) -> None:
    async with TcpServer.accepting() as address:
        seen = await measure(check(port=address.port), means)

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.NONE)
    assert (seen.address, seen.stage) == (LOOPBACK, Stage.CONNECT)
    assert set(seen.stages.by_stage) == {Stage.CONNECT}
    assert seen.rtt_seconds is not None
    assert seen.addresses == ()


async def test_the_round_trip_is_the_kernels_however_busy_the_loop_is(means: Means) -> None:
    async with TcpServer.accepting() as address, asyncio.TaskGroup() as group:
        task = group.create_task(measure(check(port=address.port), means))
        await asyncio.sleep(0)  # until its SYN is sent
        time.sleep(BUSY_SECONDS)  # noqa: ASYNC251 - this is the busy loop

    seen = task.result()
    assert seen.outcome is Outcome.OPEN
    assert seen.stages.by_stage[Stage.CONNECT] >= BUSY_SECONDS
    assert seen.rtt_seconds is not None
    assert seen.rtt_seconds < BUSY_SECONDS / 2


async def test_an_observation_goes_over_the_wire_as_it_is(means: Means) -> None:
    async with ClosedPort.udp() as address:
        udp = check(port=address.port, proto="udp", services=(Service.UDP,))
        seen = await measure(udp, means)

    assert msgspec.json.decode(msgspec.json.encode(seen), type=Observation) == seen
    assert (seen.outcome, seen.sender, seen.icmp) == (Outcome.REFUSED, LOOPBACK, (3, 3))


async def test_each_stage_has_its_time(means: Means) -> None:
    async with UdpServer.answering(b"pong") as address:
        udp = check(port=address.port, proto="udp", services=(Service.UDP,))
        seen = await measure(udp, means)

    assert seen.outcome is Outcome.ANSWERED
    assert set(seen.stages.by_stage) == {Stage.CONNECT, Stage.PROTOCOL}
    assert sum(seen.stages.by_stage.values()) <= seen.seconds


async def test_a_name_is_measured_at_each_address_and_the_worst_speaks(means: Means) -> None:
    async with TcpServer.accepting() as address:
        known = knowing(means, {"be-01": [(LOOPBACK, 0), ("127.0.0.2", 0)]})
        seen = await measure(check("be-01", address.port), known)

    assert seen.outcome is Outcome.REFUSED
    assert seen.address == "127.0.0.2"
    assert [one.outcome for one in seen.addresses] == [Outcome.OPEN, Outcome.REFUSED]
    assert all(set(one.stages.by_stage) == {Stage.RESOLVE, Stage.CONNECT} for one in seen.addresses)


async def test_the_addresses_of_a_name_wait_side_by_side(means: Means) -> None:
    async with FullBacklog() as address:
        known = knowing(means, {"be-01": [(LOOPBACK, 0), ("::ffff:127.0.0.1", 0, 0, 0)]})
        slow = check("be-01", address.port, deadline=LONG)
        seen = await measure(slow, known)

    assert seen.outcome is Outcome.FILTERED
    assert seen.seconds < 2 * LONG


async def test_a_name_that_is_not_there_is_unresolved(means: Means) -> None:
    seen = await measure(check("gatewatch.invalid"), means)

    assert (seen.outcome, seen.stage) == (Outcome.UNRESOLVED, Stage.RESOLVE)
    assert seen.detail
    assert seen.address is None
    assert set(seen.stages.by_stage) == {Stage.RESOLVE}


async def test_nothing_is_dialled_that_is_not_allowed(means: Means) -> None:
    asked: list[tuple[str, str, int]] = []

    def refuse(name: str, address: str, port: int) -> str | None:
        asked.append((name, address, port))
        return f"{address} was not dialled: nobody allows it"

    server = TcpServer.accepting()
    async with server as address:
        strict = knowing(means, {"be-01": [(LOOPBACK, 0)]})
        strict = dataclasses.replace(strict, allowed=refuse)
        seen = await measure(check("be-01", address.port), strict)
        literal = await measure(check("::ffff:127.0.0.1", address.port), strict)

    assert (seen.outcome, seen.detail) == (
        Outcome.FAULT,
        "127.0.0.1 was not dialled: nobody allows it",
    )
    assert literal.outcome is Outcome.FAULT
    assert asked == [
        ("be-01", LOOPBACK, address.port),
        ("::ffff:127.0.0.1", LOOPBACK, address.port),
    ]
    assert server.connections == 0


@pytest.mark.parametrize(
    ("services", "detail"),
    [
        ((), "this probe knows no exchange for no service"),
        (("telepathy",), "this probe knows no exchange for telepathy"),
    ],
)
async def test_an_unknown_service_is_a_fault(
    means: Means, services: tuple[Service, ...], detail: str
) -> None:
    seen = await measure(check(services=services), means)

    assert (seen.outcome, seen.detail) == (Outcome.FAULT, detail)


async def test_a_check_that_breaks_is_a_fault_with_its_reason(
    means: Means, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Attempt) -> Observation:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(checks.CHECKS, Service.TCP, broken)

    seen = await measure(check(), means)

    assert (seen.outcome, seen.address) == (Outcome.FAULT, LOOPBACK)
    assert seen.detail == "the check failed inside the probe: ZeroDivisionError: division by zero"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_resolver_that_breaks_is_a_fault_too(means: Means) -> None:
    seen = await measure(check("be-01"), knowing(means, {}))

    assert (seen.outcome, seen.stage) == (Outcome.FAULT, Stage.RESOLVE)


async def test_cancelling_is_the_only_thing_that_comes_out(means: Means) -> None:
    async with FullBacklog() as address, asyncio.TaskGroup() as group:
        task = group.create_task(measure(check(port=address.port), means))
        await asyncio.sleep(0)
        task.cancel()

    assert task.cancelled()


@pytest.mark.parametrize("port", [-1, 65536])
async def test_an_impossible_port_is_a_fault(means: Means, port: int) -> None:
    assert (await measure(check(port=port), means)).outcome is Outcome.FAULT


async def test_a_thousand_measurements_leave_nothing_open(means: Means) -> None:
    async with TcpServer.accepting() as address:
        with socket.socket() as before:
            first = before.fileno()
        for _ in range(10):
            async with asyncio.TaskGroup() as group:
                for _ in range(100):
                    group.create_task(measure(check(port=address.port), means))
        await asyncio.sleep(0)

    with socket.socket() as after:
        assert after.fileno() <= first + 1


async def test_a_permission_is_asked_for_once() -> None:
    asked: list[tuple[str, str, int]] = []

    def allow(name: str, address: str, port: int) -> None:
        asked.append((name, address, port))

    async with open_means(allow) as means, TcpServer.accepting() as address:
        for _ in range(2):
            await measure(check(port=address.port), means)

    assert asked == [(LOOPBACK, LOOPBACK, address.port)]


async def test_a_name_with_too_many_addresses_is_not_dialled(means: Means) -> None:
    async with TcpServer.accepting() as address:
        many = [(f"127.0.0.{number}", 0) for number in range(1, 18)]
        seen = await measure(check("be", address.port), knowing(means, {"be": many}))

    assert seen.outcome is Outcome.FAULT
    assert seen.detail == (
        "the name has 17 addresses, and none was dialled: limits.addresses of probe.yaml is 16"
    )


async def test_the_further_addresses_of_names_wait_for_each_other() -> None:
    many = [(f"127.0.0.{number}", 0) for number in range(1, 9)]
    limits = Limits(in_flight=1)
    async with (
        open_means(lambda *_: None, limits=limits) as means,
        TcpServer.accepting() as address,
    ):
        named = knowing(means, {"be": many})
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(measure(check("be", address.port), named)) for _ in range(2)]

    assert {len(task.result().addresses) for task in tasks} == {8}


async def test_a_fault_of_ours_is_logged_once_and_reported_each_time(
    means: Means, caplog: pytest.LogCaptureFixture
) -> None:
    broken = knowing(means, {})

    seen = [await measure(check(f"be-{number}"), broken) for number in range(3)]

    assert {one.outcome for one in seen} == {Outcome.FAULT}
    assert [record.getMessage() for record in caplog.records] == ["Check 17 of be-0 port 9 failed"]
