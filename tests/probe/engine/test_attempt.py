"""One check of one address: handshakes and datagrams, and all that may become of them."""

import asyncio
import dataclasses
import resource
import socket
from collections.abc import Iterator

import pytest

from flows.outcomes import Observation, Outcome, Stage
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.platforms.threads import in_thread
from tests.fakes.streams import LOOPBACK, LOOPBACK_IPV6, Address
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.fakes.udp import UdpServer
from tests.probe.engine.conftest import AttemptAt, open_descriptors

SHORT = 0.1
FAMILIES = pytest.mark.parametrize("bind", [LOOPBACK, LOOPBACK_IPV6], ids=["IPv4", "IPv6"])
BURST = 512


@pytest.fixture
def listener() -> Iterator[Address]:
    """Let the kernel accept a burst of connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * BURST) as listening:
        yield Address(*listening.getsockname())


def sent_from(attempt: Attempt, source: str) -> Attempt:
    """Make the same attempt from an address."""
    means = dataclasses.replace(attempt.means, source_ipv4=source)
    return Attempt(attempt.check, attempt.target, means, attempt.stages)


@FAMILIES
async def test_a_handshake_is_a_stream(attempt_at: AttemptAt, bind: Address) -> None:
    async with TcpServer.accepting(bind=bind) as address:
        attempt = attempt_at(address)

        async with await attempt.connect():
            pass

    assert attempt.tcp is not None
    assert attempt.tcp.established
    assert attempt.tcp.rtt_seconds is not None


@FAMILIES
async def test_a_closed_port_refuses(attempt_at: AttemptAt, bind: Address) -> None:
    async with ClosedPort.tcp(bind=bind) as address:
        with pytest.raises(Ended) as ended:
            await attempt_at(address).connect()

    assert (ended.value.outcome, ended.value.stage) == (Outcome.REFUSED, Stage.CONNECT)
    assert (ended.value.sender, ended.value.icmp) == (None, None)


@FAMILIES
async def test_silence_is_filtered(attempt_at: AttemptAt, bind: Address) -> None:
    async with FullBacklog(bind=bind) as address:
        with pytest.raises(Ended) as ended:
            await attempt_at(address, SHORT).connect()

    assert (ended.value.outcome, ended.value.stage) == (Outcome.FILTERED, Stage.CONNECT)
    assert ended.value.detail == "no answer within 0.1 s"


async def test_a_burst_has_no_false_silence(attempt_at: AttemptAt, listener: Address) -> None:
    async def connect() -> bool:
        attempt = attempt_at(listener)
        await (await attempt.connect()).close()
        return attempt.tcp is not None and attempt.tcp.established

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(connect()) for _ in range(BURST)]

    assert all(task.result() for task in tasks)


async def test_a_second_connection_has_its_own_deadline(
    attempt_at: AttemptAt, listener: Address
) -> None:
    attempt = attempt_at(listener)
    await (await attempt.connect()).close()
    attempt.stages.enter(Stage.PROTOCOL)
    first = attempt.stages.deadline

    await (await attempt.connect()).close()

    assert attempt.stages.deadline > first
    assert attempt.stages.now_in is Stage.CONNECT


@FAMILIES
async def test_a_datagram_is_answered(attempt_at: AttemptAt, bind: Address) -> None:
    server = UdpServer.answering(b"pong", bind=bind)
    async with server as address:
        attempt = attempt_at(address)

        assert await attempt.exchange(b"ping") == b"pong"
        assert await server.received.get() == b"ping"

    assert attempt.stages.now_in is Stage.PROTOCOL


async def test_an_empty_datagram_is_an_answer_to_an_empty_one(attempt_at: AttemptAt) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(LOOPBACK)

        def answer() -> None:
            _, sender = server.recvfrom(1)
            server.sendto(b"", sender)

        answering = in_thread(answer)
        assert await attempt_at(Address(*server.getsockname())).exchange(b"") == b""
        await answering


@FAMILIES
async def test_a_closed_port_of_udp_refuses(attempt_at: AttemptAt, bind: Address) -> None:
    async with ClosedPort.udp(bind=bind) as address:
        with pytest.raises(Ended) as ended:
            await attempt_at(address).exchange(b"")

    assert (ended.value.outcome, ended.value.stage) == (Outcome.REFUSED, Stage.PROTOCOL)
    assert ended.value.sender == bind.host


async def test_silence_of_udp_is_no_verdict(attempt_at: AttemptAt) -> None:
    async with UdpServer.silent() as address:
        with pytest.raises(Ended) as ended:
            await attempt_at(address, SHORT).exchange(b"")

    assert (ended.value.outcome, ended.value.stage) == (Outcome.SILENT, Stage.PROTOCOL)


async def test_an_answer_from_elsewhere_is_none(attempt_at: AttemptAt) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        server.bind(LOOPBACK)

        def answer_from_elsewhere() -> None:
            _, sender = server.recvfrom(1)
            stranger.sendto(b"me!", sender)

        answering = in_thread(answer_from_elsewhere)
        with pytest.raises(Ended) as ended:
            await attempt_at(Address(*server.getsockname()), 2 * SHORT).exchange(b"")
        await answering

    assert ended.value.outcome is Outcome.SILENT


@pytest.mark.parametrize("source", ["127.0.0.3", "127.0.0.4"])
async def test_packets_leave_from_the_address_that_is_wanted(
    attempt_at: AttemptAt, listener: Address, source: str
) -> None:
    attempt = sent_from(attempt_at(listener), source)

    async with await attempt.connect() as stream:
        assert stream._socket.getsockname()[0] == source


async def test_an_address_that_this_host_does_not_have_is_a_fault(
    attempt_at: AttemptAt, listener: Address
) -> None:
    attempt = sent_from(attempt_at(listener), "192.0.2.1")

    with pytest.raises(Ended) as ended:
        await attempt.connect()

    assert ended.value.outcome is Outcome.FAULT
    assert ended.value.detail.startswith("this host could not send from 192.0.2.1: ")


async def test_a_probe_that_has_too_many_files_open_is_a_fault(
    attempt_at: AttemptAt, listener: Address
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    attempt = attempt_at(listener)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(Ended) as ended:
            await attempt.connect()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert ended.value.outcome is Outcome.FAULT
    assert ended.value.detail == "this host could not: Too many open files"


async def test_nothing_stays_open_whatever_becomes_of_a_check(
    attempt_at: AttemptAt, listener: Address
) -> None:
    async def ended(attempt: Attempt, *, by_udp: bool = False) -> None:
        try:
            if by_udp:
                await attempt.exchange(b"")
            else:
                await (await attempt.connect()).close()
        except Ended:
            pass

    async with (
        ClosedPort.tcp() as closed,
        ClosedPort.udp() as closed_udp,
        FullBacklog() as full,
        UdpServer.silent() as silent,
    ):
        before = sorted(open_descriptors())
        async with asyncio.TaskGroup() as group:
            for address in (listener, closed, full):
                group.create_task(ended(attempt_at(address, SHORT)))
            for address in (closed_udp, silent):
                group.create_task(ended(attempt_at(address, SHORT), by_udp=True))
            for address, by_udp in ((full, False), (silent, True)):
                cancelled = group.create_task(ended(attempt_at(address, SHORT), by_udp=by_udp))
                await asyncio.sleep(0)
                cancelled.cancel()
        async with asyncio.timeout(5):
            while sorted(open_descriptors()) != before:  # noqa: ASYNC110 - a thread may hold one
                await asyncio.sleep(SHORT / 10)


async def test_what_a_check_saw_is_completed_with_where_and_how_long(
    attempt_at: AttemptAt, listener: Address
) -> None:
    attempt = attempt_at(listener)
    await (await attempt.connect()).close()

    seen = attempt.complete(Observation(outcome=Outcome.OPEN))

    assert (seen.address, seen.stage) == ("127.0.0.1", Stage.CONNECT)
    assert seen.stages.by_stage == {Stage.CONNECT: pytest.approx(seen.seconds)}
    assert 0 < seen.seconds < 5
    assert seen.rtt_seconds is not None


async def test_the_stage_that_a_check_names_stands(attempt_at: AttemptAt) -> None:
    attempt = attempt_at(Address("127.0.0.1", 1))

    seen = attempt.complete(Observation(outcome=Outcome.HUNG, stage=Stage.TLS))

    assert seen.stage is Stage.TLS
    assert seen.rtt_seconds is None
