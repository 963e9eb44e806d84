"""A connection as checks use it: against peers that behave, dribble, flood, reset or sleep."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flows.outcomes import Outcome, Stage
from probe.engine.ended import Ended
from probe.engine.stream import CLOSING_SECONDS, Stream
from probe.engine.tls import Tls
from tests.fakes import certificates
from tests.fakes.streams import Address, StreamServer
from tests.fakes.streams import Stream as ServerStream
from tests.fakes.tcp import MEGABYTE, TcpServer
from tests.probe.engine.conftest import AttemptAt

SHORT = 0.1


async def connected(attempt_at: AttemptAt, address: Address, seconds: float = 5.0) -> Stream:
    attempt = attempt_at(address, seconds)
    stream = await attempt.connect()
    attempt.stages.enter(Stage.PROTOCOL)
    return stream


@asynccontextmanager
async def talking(
    attempt_at: AttemptAt, server: StreamServer, seconds: float = 5.0
) -> AsyncIterator[Stream]:
    """Connect to a server for as long as the block lasts."""
    async with server as address, await connected(attempt_at, address, seconds) as stream:
        yield stream


async def send_for_ever(stream: Stream) -> None:
    while True:
        await stream.send(b"hello")
        await asyncio.sleep(0)


async def receive_for_ever(stream: Stream) -> None:
    while await stream.receive():
        pass


async def test_bytes_go_out_and_come_in(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.answering(b"welcome")) as stream:
        await stream.send(b"hello")

        assert await stream.receive() == b"welcome"
        assert stream.first_bytes == b"welcome"


async def test_a_megabyte_goes_out_though_the_peer_is_slow_to_take_it(
    attempt_at: AttemptAt,
) -> None:
    taken = bytearray()

    async def take(peer: ServerStream) -> None:
        while data := await peer.read():
            taken.extend(data)

    data = bytes(range(256)) * (MEGABYTE // 256)
    async with talking(attempt_at, StreamServer(take)) as stream:
        await stream.send(data)

    assert bytes(taken) == data


async def test_the_end_of_the_stream_is_empty(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.closing()) as stream:
        assert await stream.receive() == b""
        assert await stream.receive() == b""


async def test_a_reset_ends_the_check(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.resetting_when_asked()) as stream:
        await stream.send(b"hello")
        with pytest.raises(Ended) as ended:
            await stream.receive()

    assert (ended.value.outcome, ended.value.stage) == (Outcome.RESET, Stage.PROTOCOL)
    assert ended.value.detail == "the connection was reset"


async def test_sending_to_one_who_reset_ends_the_check(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.resetting()) as stream:
        with pytest.raises(Ended) as ended:
            await send_for_ever(stream)

    assert ended.value.outcome is Outcome.RESET


async def test_silence_until_the_deadline_hangs(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.accepting(), SHORT) as stream:
        await stream.send(b"hello")
        with pytest.raises(Ended) as ended:
            await stream.receive()

    assert ended.value.outcome is Outcome.HUNG
    assert ended.value.detail == "connected, then said nothing until the deadline"


async def test_a_peer_that_dribbles_does_not_push_the_deadline(attempt_at: AttemptAt) -> None:
    async with talking(
        attempt_at, TcpServer.dribbling(b"x" * 1000, tick_seconds=SHORT / 10), SHORT
    ) as stream:
        with pytest.raises(Ended) as ended:
            await receive_for_ever(stream)

    assert ended.value.outcome is Outcome.HUNG
    assert ended.value.detail == "connected, then said nothing more until the deadline"


async def test_a_peer_that_takes_nothing_hangs(attempt_at: AttemptAt) -> None:
    async def take_nothing(_: ServerStream) -> None:
        await asyncio.Event().wait()

    async with talking(attempt_at, StreamServer(take_nothing), SHORT) as stream:
        with pytest.raises(Ended) as ended:
            await stream.send(bytes(64 * MEGABYTE))

    assert ended.value.outcome is Outcome.HUNG
    assert ended.value.detail == "connected, then took nothing more until the deadline"


async def test_tls_is_spoken_on_top(attempt_at: AttemptAt) -> None:
    async def answer(peer: ServerStream) -> None:
        await peer.send(b"you said " + await peer.read())
        await peer.to_the_end()

    async with talking(attempt_at, StreamServer(answer, tls=certificates.Tls())) as stream:
        await stream.start_tls(certificates.trusting(), "localhost")
        await stream.send(b"hello")

        assert await stream.receive() == b"you said hello"
        assert stream.tls is not None
        assert stream.tls.session.getpeercert(binary_form=True) == certificates.der()
        assert stream.first_bytes.startswith(b"\x16\x03")


async def test_a_peer_without_tls_leaves_its_first_bytes_as_evidence(
    attempt_at: AttemptAt,
) -> None:
    async with talking(
        attempt_at, TcpServer.answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    ) as stream:
        with pytest.raises(ssl.SSLError):
            await stream.start_tls(certificates.trusting(), "localhost")

        assert stream.first_bytes.startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_peer_that_goes_away_in_the_handshake_resets(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.closing_after(b"")) as stream:
        with pytest.raises(Ended) as ended:
            await stream.start_tls(certificates.trusting(), "localhost")

    assert ended.value.outcome is Outcome.RESET
    assert ended.value.detail == "closed during the TLS handshake"


async def test_a_goodbye_in_the_handshake_is_going_away(
    attempt_at: AttemptAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.11.2 raises this for a peer that just closes."""

    async def handshake(_: Tls) -> None:
        raise ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF)")

    monkeypatch.setattr(Tls, "handshake", handshake)
    async with talking(attempt_at, TcpServer.closing_after(b"")) as stream:
        with pytest.raises(Ended) as ended:
            await stream.start_tls(certificates.trusting(), "localhost")

    assert ended.value.outcome is Outcome.RESET


async def test_a_connection_is_closed_in_order_though_much_is_unread(
    attempt_at: AttemptAt,
) -> None:
    ends: asyncio.Queue[str] = asyncio.Queue()

    async def speak(peer: ServerStream) -> None:
        await peer.send(b"x" * 100_000)
        try:
            await peer.to_the_end()
        except ConnectionError as error:
            ends.put_nowait(type(error).__name__)
        else:
            ends.put_nowait("FIN")

    async with StreamServer(speak) as address, asyncio.timeout(5):
        stream = await connected(attempt_at, address)
        await stream.receive(1)

        await stream.close()

        assert await ends.get() == "FIN"


async def test_closing_waits_for_nobody_for_long(attempt_at: AttemptAt) -> None:
    async def stay(_: ServerStream) -> None:
        await asyncio.Event().wait()

    loop = asyncio.get_running_loop()
    async with StreamServer(stay) as address:
        stream = await connected(attempt_at, address)
        await stream.send(b"hello")
        began = loop.time()

        await stream.close()

        assert CLOSING_SECONDS - 0.05 < loop.time() - began < CLOSING_SECONDS + 1.0


async def test_closing_drains_no_flood(attempt_at: AttemptAt) -> None:
    async def flood(peer: ServerStream) -> None:
        while True:
            await peer.send(bytes(MEGABYTE))

    async with StreamServer(flood) as address, asyncio.timeout(5):
        stream = await connected(attempt_at, address)
        await stream.receive(1)

        await stream.close()


async def test_a_server_of_tls_sees_the_goodbye(attempt_at: AttemptAt) -> None:
    in_order: asyncio.Queue[bool] = asyncio.Queue()

    async def listen(peer: ServerStream) -> None:
        await peer.to_the_end()
        in_order.put_nowait(getattr(peer, "ended_in_order", False))

    async with StreamServer(listen, tls=certificates.Tls()) as address, asyncio.timeout(5):
        stream = await connected(attempt_at, address)
        await stream.start_tls(certificates.trusting(), "localhost")

        await stream.close()

        assert await in_order.get()


async def test_the_time_of_closing_is_nobodys(attempt_at: AttemptAt) -> None:
    async def stay(_: ServerStream) -> None:
        await asyncio.Event().wait()

    async with StreamServer(stay) as address:
        attempt = attempt_at(address)
        async with await attempt.connect() as stream:
            await stream.send(b"hello")

    assert attempt.stages.seconds < CLOSING_SECONDS


async def test_a_check_that_is_cancelled_leaves_at_once(attempt_at: AttemptAt) -> None:
    left = asyncio.Event()

    async def note_the_end(peer: ServerStream) -> None:
        await peer.to_the_end()
        left.set()

    async def wait_for_ever(stream: Stream, begun: asyncio.Event) -> None:
        async with stream:
            begun.set()
            await stream.receive()

    async with StreamServer(note_the_end) as address, asyncio.timeout(5):
        stream, begun = await connected(attempt_at, address), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(wait_for_ever(stream, begun))
            await begun.wait()
            task.cancel()
        await left.wait()

    assert task.cancelled()


async def test_the_kernels_view_is_at_hand(attempt_at: AttemptAt) -> None:
    async with talking(attempt_at, TcpServer.accepting()) as stream:
        info = stream.info()

    assert info is not None
    assert info.established
    assert info.rtt_seconds is not None
