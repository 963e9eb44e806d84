"""What is spoken behind TLS, and what is left to say when nothing is."""

import ssl

import pytest

from flows.outcomes import AnsweredBy, Observation, Outcome, Service, Stage
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.behind_tls import behind_tls, spoken
from tests.fakes.certificates import der
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpServer, HttpsServer
from tests.fakes.streams import StreamServer
from tests.probe.checks.measured import check_of
from tests.probe.exchange.attempts import attempt_at, connected

SEEN = Observation(
    outcome=Outcome.OPEN, answered_by=AnsweredBy.TLS, alpn="h2", tls_version="TLSv1.3"
)


async def say_http1(_: Attempt, __: Stream) -> Observation:
    return Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, detail="HTTP/1.1")


async def say_http2(_: Attempt, __: Stream) -> Observation:
    return Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.GRPC, detail="HTTP/2")


CHECK = behind_tls(http1=say_http1, http2=say_http2)


@pytest.mark.parametrize(
    ("server", "agreed", "spoken"),
    [
        (HttpsServer.answering(alpn=("http/1.1",)), "http/1.1", "HTTP/1.1"),
        (HttpsServer.answering(alpn=("h2", "http/1.1")), "h2", "HTTP/2"),
        (HttpsServer.answering(alpn=()), None, "HTTP/1.1"),
        (GrpcServer.answering(), "h2", "HTTP/2"),
    ],
)
async def test_what_was_agreed_decides_what_is_spoken(
    server: StreamServer, agreed: str | None, spoken: str
) -> None:
    async with server as address, attempt_at(check_of(address, Service.HTTPS)) as attempt:
        seen = await CHECK(attempt)

    assert (seen.alpn, seen.detail) == (agreed, spoken)
    assert attempt.stages.now_in is Stage.PROTOCOL


async def test_what_tls_has_shown_is_kept() -> None:
    async with (
        HttpsServer.answering() as address,
        attempt_at(check_of(address, Service.HTTPS)) as attempt,
    ):
        seen = await CHECK(attempt)

    assert seen.answered_by is AnsweredBy.HTTPS
    assert seen.tls_version == "TLSv1.3"
    assert seen.certificate is not None
    assert seen.certificate.der == der()


async def test_nothing_is_spoken_where_tls_is_not() -> None:
    async with (
        HttpServer.answering() as address,
        attempt_at(check_of(address, Service.HTTPS)) as attempt,
    ):
        seen = await CHECK(attempt)

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.HTTP)
    assert attempt.stages.now_in is Stage.TLS


def alert() -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert")
    error.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    return error


@pytest.mark.parametrize(
    ("end", "outcome", "detail", "client_certificate"),
    [
        (
            Ended(Outcome.RESET, Stage.PROTOCOL, "it went"),
            Outcome.OPEN,
            "after the TLS handshake: it went",
            False,
        ),
        (
            Ended(Outcome.HUNG, Stage.PROTOCOL, "it slept"),
            Outcome.HUNG,
            "after the TLS handshake: it slept",
            False,
        ),
        (
            alert(),
            Outcome.OPEN,
            "it demands a client certificate (alert: certificate required)",
            True,
        ),
    ],
)
async def test_who_shook_hands_was_a_tls_server_at_least(
    end: Exception, outcome: Outcome, detail: str, client_certificate: bool
) -> None:
    async def fail(_: Attempt, __: Stream) -> Observation:
        raise end

    async with (
        HttpsServer.answering() as address,
        connected(check_of(address, Service.HTTPS)) as (attempt, stream),
    ):
        seen = await spoken(fail, attempt, stream, SEEN)

    assert (seen.outcome, seen.detail) == (outcome, detail)
    assert (seen.answered_by, seen.client_certificate) == (AnsweredBy.TLS, client_certificate)
    assert (seen.alpn, seen.tls_version) == ("h2", "TLSv1.3")
