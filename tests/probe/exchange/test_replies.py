"""Answers that come in pieces, in part, wrong, or not at all."""

from collections.abc import Callable

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from probe.engine.ended import Ended
from probe.exchange.replies import NAMING_SECONDS, FramedReader, Wrong, ask, wrong_service
from probe.wire import WireError
from tests.fakes.streams import Address, Stream, StreamServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, PATIENT_SECONDS, check_of
from tests.probe.exchange.attempts import connected

ANSWER = b"A\x03abc"


def a_reader() -> FramedReader[str]:
    """Read `A`, a length and so many letters."""
    return FramedReader(b"A", 2, lambda header: 2 + header[1], _read)


def _read(message: bytes) -> str:
    if b"!" in message:
        raise WireError("it is loud")
    return message[2:].decode()


async def asked(address: Address, deadline: float = PATIENT_SECONDS) -> str | Wrong:
    async with connected(check_of(address, Service.TCP, deadline=deadline)) as (attempt, stream):
        return await ask(attempt, stream, b"?", a_reader())


async def test_an_answer_is_read_in_one_piece_or_in_many() -> None:
    async with TcpServer.answering(ANSWER + b"what follows") as address:
        whole = await asked(address)
    async with TcpServer.dribbling(ANSWER, tick_seconds=0.001) as address:
        dribbled = await asked(address)

    assert (whole, dribbled) == ("abc", "abc")


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"),
        (b"A\x03a!c" + bytes(95), b"A\x03a!c" + bytes(59)),
        (b"B" * 2**20, b"B" * 64),
    ],
)
async def test_a_wrong_answer_keeps_its_first_bytes(answer: bytes, first: bytes) -> None:
    async with TcpServer.answering(answer) as address:
        reply = await asked(address)

    assert isinstance(reply, Wrong)
    assert reply.first == first


async def test_the_name_of_a_dribbler_is_waited_for() -> None:
    async with TcpServer.dribbling(b"SSH-2.0-OpenSSH_9.2", tick_seconds=0.001) as address:
        reply = await asked(address)

    assert reply == Wrong(b"SSH-2.0-OpenSSH_", "it does not begin with 0x41")


@pytest.mark.parametrize("end", [TcpServer.answering, TcpServer.closing_after])
async def test_what_says_no_more_is_named_by_what_it_said(
    end: Callable[[bytes], TcpServer],
) -> None:
    async with end(b"hi\n") as address:
        reply = await asked(address)

    assert isinstance(reply, Wrong)
    assert reply.first == b"hi\n"
    assert NAMING_SECONDS < HASTY_SECONDS


@pytest.mark.parametrize("length", range(len(ANSWER)))
async def test_an_answer_cut_short_is_a_reset(length: int) -> None:
    async with TcpServer.closing_after(ANSWER[:length]) as address:
        with pytest.raises(Ended) as caught:
            await asked(address)

    ended = caught.value
    assert (ended.outcome, ended.stage) == (Outcome.RESET, Stage.PROTOCOL)
    if length:
        evidence = ANSWER[:length].hex()
        assert ended.detail.endswith(f"in the middle of its answer; first bytes {evidence}")
    else:
        assert ended.detail == "it closed the connection without a word"


@pytest.mark.parametrize("length", range(len(ANSWER)))
async def test_an_answer_that_stops_hangs(length: int) -> None:
    async with TcpServer.answering(ANSWER[:length]) as address:
        with pytest.raises(Ended) as caught:
            await asked(address, HASTY_SECONDS)

    evidence = f"; first bytes {ANSWER[:length].hex()}" if length else ""
    assert caught.value.outcome is Outcome.HUNG
    assert caught.value.detail.endswith(f"until the deadline{evidence}")


async def test_what_was_said_before_the_door_closed_is_heard() -> None:
    async def speak_and_reset(stream: Stream) -> None:
        await stream.send(b"220 mail.example ESMTP\r\n")

    async with StreamServer(speak_and_reset) as address:
        reply = await asked(address)

    assert isinstance(reply, Wrong)
    assert reply.first.startswith(b"220 mail.example")


@pytest.mark.parametrize(
    ("first", "expected", "answered_by", "detail"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\n",
            AnsweredBy.TDS,
            AnsweredBy.HTTP,
            "answered by an HTTP server (HTTP/1.1 400 Bad Request); "
            "first bytes 485454502f312e312034303020426164",
        ),
        (
            b"\x04\x01\x00\x25\x00\x00\x01\x00\x00",
            AnsweredBy.TDS,
            AnsweredBy.OTHER,
            "answered like a SQL Server (TDS), but it is too short; first bytes 040100250000010000",
        ),
        (
            b"\x00\x01",
            AnsweredBy.TDS,
            AnsweredBy.OTHER,
            "answered by an unknown service, whose first bytes are 0001",
        ),
    ],
)
def test_a_wrong_service_is_named_with_evidence(
    first: bytes, expected: AnsweredBy, answered_by: AnsweredBy, detail: str
) -> None:
    seen = wrong_service(first, expected, "it is too short")

    assert (seen.outcome, seen.answered_by, seen.detail) == (Outcome.OPEN, answered_by, detail)


@pytest.mark.parametrize(
    ("first", "answered_by", "who"),
    [
        (b"HTTP/1.1 400 Bad\r\n", AnsweredBy.HTTPS, "an HTTP server (HTTP/1.1 400 Bad) behind TLS"),
        (b"\0\0\0\4\0\0\0\0\0", AnsweredBy.HTTPS, "an HTTP/2 server behind TLS"),
        (b"220 mx ESMTP\r\n", AnsweredBy.OTHER, "a mail or FTP server (220 mx ESMTP) behind TLS"),
    ],
)
def test_inside_of_tls_it_is_named_for_what_it_is_there(
    first: bytes, answered_by: AnsweredBy, who: str
) -> None:
    seen = Wrong(first, "").observation(AnsweredBy.GRPC, inside_tls=True)

    assert seen.answered_by is answered_by
    assert seen.detail == f"answered by {who}; first bytes {first[:16].hex()}"
