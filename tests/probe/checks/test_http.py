"""Web servers without TLS."""

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.https import HttpServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured
from tests.probe.wire.packets import packet


async def test_a_web_server_answers() -> None:
    async with HttpServer.answering(403, "nginx") as address:
        seen = await measured(check_of(address, Service.HTTP))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert (seen.answered_by, seen.status, seen.server) == (AnsweredBy.HTTP, 403, "nginx")


@pytest.mark.parametrize(
    "answer",
    [
        packet("http1-nginx-plain-to-tls-400"),
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
        b"HTTP/1.1 400 Bad Request\r\nServer: Apache\r\n\r\n<p>You're speaking plain HTTP to an "
        b"SSL-enabled server port.<br />",
    ],
    ids=["nginx", "Go", "Apache"],
)
async def test_a_web_server_that_wants_tls_says_so(answer: bytes) -> None:
    async with TcpServer.answering(answer) as address:
        seen = await measured(check_of(address, Service.HTTP))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.HTTPS)
    assert seen.detail == "a web server answered that it is spoken to over TLS only"


async def test_another_400_is_an_answer_like_any_other() -> None:
    async with TcpServer.answering(packet("http1-nginx-garbage-400")) as address:
        seen = await measured(check_of(address, Service.HTTP))

    assert (seen.answered_by, seen.status) == (AnsweredBy.HTTP, 400)


async def test_silence_hangs() -> None:
    async with TcpServer.accepting() as address:
        seen = await measured(check_of(address, Service.HTTP, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.PROTOCOL)
    assert seen.detail == "connected, then said nothing until the deadline"
