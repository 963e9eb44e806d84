"""HTTPS servers, good and bad, as the check of a TLS port sees them."""

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.https import HttpsServer
from tests.fakes.streams import LOOPBACK_IPV6
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured


@pytest.mark.parametrize("status", [200, 301, 404, 500])
async def test_a_web_server_answers_whatever_it_thinks_of_the_request(status: int) -> None:
    async with HttpsServer.answering(status, "nginx") as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert seen.detail == f"HTTP status {status} from nginx"
    assert (seen.answered_by, seen.status, seen.server) == (AnsweredBy.HTTPS, status, "nginx")
    assert (seen.alpn, seen.tls_version) == ("http/1.1", "TLSv1.3")
    assert list(seen.stages.by_stage) == [Stage.CONNECT, Stage.TLS, Stage.PROTOCOL]
    assert seen.rtt_seconds is not None


@pytest.mark.parametrize("alpn", [(), ("h2", "http/1.1"), ("h2",)])
async def test_a_web_server_is_known_whatever_was_agreed(alpn: tuple[str, ...]) -> None:
    async with HttpsServer.answering(404, "nginx", alpn=alpn) as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.answered_by, seen.status, seen.server) == (AnsweredBy.HTTPS, 404, "nginx")
    assert seen.alpn == ("h2" if alpn else None)


async def test_a_web_server_on_ipv6_answers() -> None:
    async with HttpsServer.answering(bind=LOOPBACK_IPV6) as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.answered_by, seen.address) == (AnsweredBy.HTTPS, "::1")


async def test_a_closed_door_behind_tls_leaves_a_tls_server() -> None:
    async with HttpsServer.closing_after_the_handshake() as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.detail == "after the TLS handshake: it closed the connection without a word"
    assert seen.certificate is not None


async def test_silence_behind_tls_hangs() -> None:
    async with HttpsServer.silent_after_the_handshake() as address:
        seen = await measured(check_of(address, Service.HTTPS, deadline=HASTY_SECONDS))

    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.PROTOCOL)
    assert seen.certificate is not None


async def test_a_demand_for_a_client_certificate_is_a_sign_of_life() -> None:
    async with HttpsServer.demanding_a_client_certificate() as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.client_certificate
    assert seen.detail == "it demands a client certificate (alert: certificate required)"


@pytest.mark.parametrize(
    ("answer", "answered_by", "who"),
    [
        (b"220 mail.example ESMTP\r\n", AnsweredBy.OTHER, "a mail or FTP server"),
        (b"HTTP/1.1 nonsense\r\n\r\n", AnsweredBy.OTHER, "an HTTP server"),
        (b"\x04\x01\x00\x25\x00\x00\x01\x00\x00", AnsweredBy.TDS, "a SQL Server (TDS)"),
        (b"x" * 2**20, AnsweredBy.OTHER, "an unknown service"),
    ],
)
async def test_another_service_behind_tls_is_named(
    answer: bytes, answered_by: AnsweredBy, who: str
) -> None:
    async with HttpsServer.answering_bytes(answer) as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, answered_by)
    assert f"{who}" in seen.detail
    assert "behind TLS" in seen.detail
