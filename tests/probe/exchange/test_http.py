"""One GET, whatever comes back."""

import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Outcome, Service
from probe.exchange.http import MOST_SERVER_CHARACTERS, answered, authority_of, get
from probe.exchange.replies import Wrong
from probe.version import own_version
from probe.wire.http1 import Response
from tests.fakes.https import HttpServer
from tests.fakes.streams import Address, Stream, StreamServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import check_of
from tests.probe.exchange.attempts import attempt_at, connected


async def got(address: Address) -> Response | Wrong:
    async with connected(check_of(address, Service.HTTP)) as (attempt, stream):
        return await get(attempt, stream, 80)


async def test_the_head_of_the_answer_is_read() -> None:
    async with HttpServer.answering(404, "nginx") as address:
        reply = await got(address)

    assert isinstance(reply, Response)
    assert (reply.status, reply.header("Server")) == (404, "nginx")


async def test_one_request_is_made_and_names_who_asks() -> None:
    heads: list[bytes] = []

    async def close_without_an_answer(stream: Stream) -> None:
        heads.append(await stream.read())

    server = StreamServer(close_without_an_answer)
    async with server as address:
        with pytest.raises(Exception, match="closed the connection without a word"):
            await got(address)

    assert server.connections == 1
    (head,) = heads
    assert head.startswith(b"GET / HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{address.port}\r\n".encode() in head
    assert f"User-Agent: gatewatch-probe/{own_version()}\r\n".encode() in head


@pytest.mark.parametrize(
    ("check", "default_port", "named"),
    [
        (check_of(Address("127.0.0.1", 8443), Service.HTTPS), 443, "127.0.0.1:8443"),
        (check_of(Address("127.0.0.1", 443), Service.HTTPS), 443, "127.0.0.1"),
        (check_of(Address("::1", 8443), Service.HTTPS), 443, "[::1]:8443"),
        (check_of(Address("[::1]", 443), Service.HTTPS), 443, "[::1]"),
        (check_of(Address("::1", 80), Service.HTTP, name="be-01.example"), 80, "be-01.example"),
    ],
)
async def test_the_server_is_named_as_it_is_known(
    check: Check, default_port: int, named: str
) -> None:
    async with attempt_at(check) as attempt:
        assert authority_of(attempt, default_port) == named


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2**17,
        b"HTTP/1.1 200 OK\r\n continued\r\n\r\n",
    ],
    ids=["control character", "a megabyte of headers", "folded line"],
)
async def test_a_status_line_is_an_answer_whatever_follows(answer: bytes) -> None:
    async with TcpServer.answering(answer) as address:
        reply = await got(address)

    assert reply == Response(200, "OK", ())


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.1 999999\r\n\r\n", b"x" * 2**20])
async def test_anything_else_is_wrong(answer: bytes) -> None:
    async with TcpServer.answering(answer) as address:
        reply = await got(address)

    assert isinstance(reply, Wrong)


def test_what_a_server_calls_itself_is_kept_short() -> None:
    seen = answered(Response(200, "OK", (("Server", "x" * 2**15),)), AnsweredBy.HTTP)
    nameless = answered(Response(200, "OK", ()), AnsweredBy.HTTPS)

    assert seen.server == "x" * MOST_SERVER_CHARACTERS
    assert (nameless.outcome, nameless.status, nameless.server) == (Outcome.OPEN, 200, None)
    assert nameless.detail == "HTTP status 200"


def test_what_a_server_calls_itself_is_kept_printable() -> None:
    seen = answered(Response(200, "OK", (("Server", "a\tb\x9b31m\xe9"),)), AnsweredBy.HTTP)

    assert seen.server == "a?b?31m\xe9"
    assert seen.detail == "HTTP status 200 from a?b?31m\xe9"
