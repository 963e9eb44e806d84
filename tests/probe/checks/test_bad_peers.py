"""Peers that stop, dribble, flood or talk nonsense: an outcome, soon, and little of it kept."""

import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.outcomes import AnsweredBy, Observation, Outcome, Service, Stage
from probe.engine.stream import CLOSING_SECONDS
from probe.wire.http1 import Response, build_response
from tests.fakes.certificates import Tls
from tests.fakes.https import HttpsServer, web
from tests.fakes.streams import Address, Stream, StreamServer, TlsStream
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured
from tests.probe.wire.packets import packet, with_flipped_bits

SPOKEN = [s for s in Service if s not in {Service.TCP, Service.UDP, Service.SSRP, Service.SYSLOG}]
"""Services that a TCP check speaks to."""
MOST_JSON_BYTES = 4096
RIGHT = {
    Service.HTTP: build_response(Response(200, "OK", (("Server", "x"),))),
    Service.TDS: packet("tds-answer-sql-2012-sp1"),
    Service.MSRPC: packet("msrpc-bind-ack-samba"),
}
BEGINS = {
    Service.HTTP: b"HTTP/1.1 200 OK\r\n",
    Service.HTTPS: b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03",
    Service.GRPC: b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03",
    Service.TLS: b"\x16\x03\x03\x40\x00\x0b\x00\x3f\xfc",
    Service.TDS: b"\x04\x01\x7f\xff\x00\x00\x01\x00",
    Service.MSRPC: b"\x05\x00\x0c\x03\x10\x00\x00\x00\xb8\x10",
}
TOTAL = frozenset({Outcome.OPEN, Outcome.RESET, Outcome.HUNG})


def assert_sane(seen: Observation, *outcomes: Outcome) -> None:
    """Demand an outcome of the network's, in few words."""
    assert seen.outcome in (outcomes or TOTAL), seen
    assert (
        len(msgspec.json.encode(msgspec.structs.replace(seen, certificate=None))) < MOST_JSON_BYTES
    )


async def seen_at(server: StreamServer, service: Service, deadline: float = 10.0) -> Observation:
    async with server as address:
        return await measured(check_of(address, service, deadline=deadline))


@pytest.mark.parametrize("service", RIGHT)
async def test_a_right_answer_may_end_at_every_byte(service: Service) -> None:
    answer = RIGHT[service]

    cut = await asyncio.gather(
        *(seen_at(TcpServer.closing_after(answer[:end]), service) for end in range(len(answer)))
    )
    whole = await seen_at(TcpServer.closing_after(answer), service)

    for seen in cut:
        assert_sane(seen, Outcome.RESET)
        assert seen.stage is Stage.PROTOCOL
    assert (whole.outcome, whole.answered_by) == (Outcome.OPEN, AnsweredBy(service))


class Cut(Stream):
    """Carries so many bytes to the client and not one more."""

    def __init__(self, inner: Stream, room: int) -> None:
        super().__init__()
        self._inner = inner
        self.room = room

    async def receive(self) -> bytes:
        return await self._inner.read()

    async def send(self, data: bytes) -> None:
        await self._inner.send(data[: self.room])
        self.room -= len(data)
        if self.room < 0:
            raise EOFError


def a_web_server_cut_after(room: int, left: list[int] | None = None) -> StreamServer:
    context = Tls(alpn=("h2", "http/1.1")).context()

    async def converse(stream: Stream) -> None:
        carrier = Cut(stream, room)
        secured = TlsStream(carrier, context)
        await secured.handshake()
        await web(200, "x")(secured)
        await secured.say_goodbye()
        if left is not None:
            left.append(carrier.room)

    return StreamServer(converse)


async def test_tls_may_end_anywhere() -> None:
    plenty, left = 2**20, list[int]()
    whole = await seen_at(a_web_server_cut_after(plenty, left), Service.HTTPS)
    slots = asyncio.Semaphore(32)

    async def cut_after(room: int) -> Observation:
        async with slots:
            return await seen_at(a_web_server_cut_after(room), Service.HTTPS)

    cut = await asyncio.gather(*map(cut_after, [*range(150), *range(150, plenty - left[0], 5)]))

    assert (whole.outcome, whole.answered_by) == (Outcome.OPEN, AnsweredBy.HTTPS)
    ends = {(seen.outcome, seen.stage, seen.answered_by) for seen in cut}
    assert ends == {
        (Outcome.RESET, Stage.TLS, None),
        (Outcome.OPEN, Stage.PROTOCOL, AnsweredBy.TLS),
        (Outcome.OPEN, Stage.PROTOCOL, AnsweredBy.HTTPS),
    }
    for seen in cut:
        assert_sane(seen)


@pytest.mark.parametrize("service", RIGHT)
async def test_a_slow_peer_is_right_if_it_is_in_time(service: Service) -> None:
    seen = await seen_at(TcpServer.dribbling(RIGHT[service], tick_seconds=0.001), service)

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy(service))


@pytest.mark.parametrize("service", SPOKEN)
async def test_a_dribbler_is_left_at_the_deadline(service: Service) -> None:
    began = time.perf_counter()

    server = TcpServer.dribbling(BEGINS[service] + bytes(2000), tick_seconds=0.02)
    seen = await seen_at(server, service, HASTY_SECONDS)

    assert_sane(seen, Outcome.HUNG)
    assert seen.detail.startswith("connected, then said nothing more until the deadline")
    assert HASTY_SECONDS <= seen.stages.by_stage[seen.stage or Stage.CONNECT] < HASTY_SECONDS + 1
    assert time.perf_counter() - began < HASTY_SECONDS + CLOSING_SECONDS + 2


@pytest.mark.parametrize("service", SPOKEN)
@pytest.mark.parametrize("begin", [True, False], ids=["a right beginning", "nonsense"])
async def test_a_megabyte_is_not_taken(service: Service, begin: bool) -> None:
    flood = TcpServer.sending_a_megabyte(BEGINS[service] if begin else b"")

    seen = await seen_at(flood, service)

    assert_sane(seen, Outcome.OPEN)


@pytest.mark.parametrize("alpn", ["http/1.1", "h2"])
@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\n", b"\0\0\0\4\0\0\0\0\0"], ids=["nonsense", "http", "h2"]
)
async def test_a_megabyte_behind_tls_is_not_taken(alpn: str, begin: bytes) -> None:
    flood = HttpsServer.answering_bytes(begin + b"\0" * 2**20, alpn=(alpn,))

    seen = await seen_at(flood, Service.HTTPS)

    assert_sane(seen, Outcome.OPEN)


NONSENSE = st.one_of(
    st.binary(max_size=200),
    with_flipped_bits(),
    st.builds(bytes.__add__, st.sampled_from(list(BEGINS.values())), st.binary(max_size=200)),
)
NO_HURRY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("service", SPOKEN)
@NO_HURRY
@given(answer=NONSENSE)
async def test_nonsense_is_an_outcome(service: Service, answer: bytes) -> None:
    assert_sane(await seen_at(TcpServer.closing_after(answer), service))


@pytest.mark.parametrize("alpn", ["http/1.1", "h2"])
@NO_HURRY
@given(answer=NONSENSE)
async def test_nonsense_behind_tls_is_an_outcome(alpn: str, answer: bytes) -> None:
    async def converse(stream: Stream) -> None:
        await stream.read()
        await stream.send(answer)

    server = StreamServer(converse, tls=Tls(alpn=(alpn,)))

    assert_sane(await seen_at(server, Service.HTTPS), Outcome.OPEN)


@pytest.mark.parametrize("service", SPOKEN)
@pytest.mark.parametrize(
    "closing", [TcpServer.closing, TcpServer.resetting, TcpServer.resetting_when_asked]
)
async def test_who_goes_at_once_has_reset(
    service: Service, closing: Callable[[], TcpServer]
) -> None:
    assert_sane(await seen_at(closing(), service), Outcome.RESET)


@pytest.mark.parametrize("service", [*SPOKEN, Service.SYSLOG])
async def test_a_check_can_be_called_off(service: Service) -> None:
    came, went = asyncio.Event(), asyncio.Event()

    async def keep_waiting(stream: Stream) -> None:
        try:
            await stream.peek(1)
            came.set()
            await stream.to_the_end()
        finally:
            went.set()

    services = (Service.SYSLOG, Service.TLS) if service is Service.SYSLOG else (service,)
    async with StreamServer(keep_waiting) as address, asyncio.TaskGroup() as group:
        task = group.create_task(measured(check_of(address, *services)))
        await came.wait()
        task.cancel()
        await went.wait()

    assert task.cancelled()


async def test_a_name_that_tls_cannot_carry_is_a_fault_and_no_crash() -> None:
    async with HttpsServer.answering() as address:
        seen = await measured(check_of(Address(*address), Service.HTTPS, name="x" * 300))

    assert seen.outcome is Outcome.FAULT
