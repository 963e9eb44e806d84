"""Handshakes with servers that know TLS, and with some that do not."""

import hashlib
import ssl
from collections.abc import Callable

import pytest

from flows.outcomes import AnsweredBy, Chain, Observation, Outcome, Service, Stage
from probe.engine.ended import Ended
from probe.exchange.handshake import (
    LEAVING_SECONDS,
    Handshake,
    measuring_context,
    server_name,
    shake_hands,
    take_leave,
)
from tests.fakes.certificates import Certificate, Tls, der
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpServer, HttpsServer
from tests.fakes.msrpc import MsrpcServer
from tests.fakes.streams import Address, Stream, StreamServer, TlsStream
from tests.fakes.syslog import Ending, SyslogServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import HASTY_SECONDS, PATIENT_SECONDS, check_of
from tests.probe.exchange.attempts import attempt_at

HELLO_REQUEST = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"
"""A message that clients pass over, as often as it comes (RFC 5246 7.4.1.1)."""


async def shaken(
    address: Address,
    *alpn: str,
    deadline: float = PATIENT_SECONDS,
    name: str | None = None,
    leave: bool = False,
) -> Handshake:
    check = check_of(address, Service.TLS, deadline=deadline, name=name)
    async with attempt_at(check) as attempt, await attempt.connect() as stream:
        handshake = await shake_hands(attempt, stream, alpn)
        if leave and handshake.done:
            return Handshake(await take_leave(attempt, stream, handshake.seen), done=False)
        return handshake


async def test_a_handshake_shows_what_was_agreed_and_the_certificate() -> None:
    async with GrpcServer.answering() as address:
        handshake = await shaken(address, "h2", "http/1.1")

    seen = handshake.seen
    assert handshake.done
    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert (seen.alpn, seen.tls_version) == ("h2", "TLSv1.3")
    assert seen.certificate is not None
    assert seen.certificate.der == der()
    assert seen.certificate.sha256 == hashlib.sha256(der()).hexdigest()


async def test_nothing_is_agreed_where_nothing_is_offered() -> None:
    async with HttpsServer.answering() as address:
        handshake = await shaken(address)

    assert (handshake.done, handshake.seen.alpn) == (True, None)


@pytest.mark.parametrize("certificate", list(Certificate))
async def test_a_certificate_that_nobody_trusts_is_shown_all_the_same(
    certificate: Certificate,
) -> None:
    async with HttpsServer.showing(certificate) as address:
        handshake = await shaken(address, name="localhost")

    assert handshake.done
    assert handshake.seen.certificate is not None
    assert handshake.seen.certificate.der == der(certificate)
    assert handshake.seen.certificate.chain is Chain.UNTRUSTED


async def test_old_keys_and_suites_are_measured_too() -> None:
    def weak(context: ssl.SSLContext) -> ssl.SSLContext:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
        return context

    async def converse(stream: Stream) -> None:
        await TlsStream(stream, weak(Tls().context())).handshake()

    async with StreamServer(converse) as address:
        handshake = await shaken(address)

    assert (handshake.done, handshake.seen.tls_version) == (True, "TLSv1.2")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_demand_for_a_client_certificate_is_heard(version: ssl.TLSVersion) -> None:
    context = Tls(client_certificate=True).context()
    context.maximum_version = version

    async def converse(stream: Stream) -> None:
        await TlsStream(stream, context).handshake()

    async with StreamServer(converse) as address:
        handshake = await shaken(address, leave=True)

    seen = handshake.seen
    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.client_certificate
    assert seen.detail.startswith("it demands a client certificate (alert: ")
    assert seen.certificate is not None
    assert seen.certificate.der == der()


async def test_a_server_of_old_tls_is_alive() -> None:
    async with HttpsServer.speaking_old_tls_only() as address:
        handshake = await shaken(address)

    assert not handshake.done
    assert handshake.seen == Observation(
        outcome=Outcome.OPEN,
        answered_by=AnsweredBy.TLS,
        detail="it speaks neither TLS 1.2 nor 1.3 (alert: protocol version)",
    )


async def test_a_server_that_wants_none_of_our_protocols_is_alive() -> None:
    alert = b"\x15\x03\x03\x00\x02\x02\x78"
    async with TcpServer.closing_after(alert) as address:
        handshake = await shaken(address, "h2")

    assert handshake.seen.answered_by is AnsweredBy.TLS
    assert handshake.seen.detail == (
        "it wants none of the protocols that were offered (alert: no application protocol)"
    )


@pytest.mark.parametrize(
    ("server", "answered_by", "who"),
    [
        (HttpServer.answering, AnsweredBy.HTTP, "an HTTP server (HTTP/1.1 400 Bad"),
        (GrpcServer.without_tls, AnsweredBy.HTTP, "an HTTP/2 server without TLS"),
        (lambda: TcpServer.speaking(b"SSH-2.0-x\r\n"), AnsweredBy.OTHER, "an SSH server (SSH-2.0"),
        (lambda: TcpServer.answering(b"hi"), AnsweredBy.OTHER, "an unknown service"),
        (lambda: TcpServer.closing_after(b"hi"), AnsweredBy.OTHER, "an unknown service"),
        (TcpServer.sending_a_megabyte, AnsweredBy.OTHER, "an unknown service"),
    ],
)
async def test_what_speaks_no_tls_is_named(
    server: Callable[[], StreamServer], answered_by: AnsweredBy, who: str
) -> None:
    async with server() as address:
        handshake = await shaken(address, deadline=2.0)

    assert not handshake.done
    assert (handshake.seen.outcome, handshake.seen.answered_by) == (Outcome.OPEN, answered_by)
    assert handshake.seen.detail.startswith(f"answered by {who}")


async def test_grpc_without_tls_is_not_the_service_that_is_wanted() -> None:
    settings = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\xfe\x03\x00\x00\x00\x01"
    async with TcpServer.answering(settings) as address:
        handshake = await shaken(address)

    assert handshake.seen.answered_by is AnsweredBy.HTTP
    assert handshake.seen.detail.startswith("answered by a gRPC server without TLS")


@pytest.mark.parametrize(
    ("server", "outcome", "detail"),
    [
        (MsrpcServer.accepting(), Outcome.HUNG, "connected, then said nothing until the deadline"),
        (TcpServer.answering(b"\x16\x03"), Outcome.HUNG, "said nothing more until the deadline"),
        (TcpServer.answering(HELLO_REQUEST), Outcome.HUNG, "nothing more until the deadline"),
        (TcpServer.closing_after(b""), Outcome.RESET, "closed during the TLS handshake"),
        (TcpServer.closing_after(b"\x16\x03\x03"), Outcome.RESET, "closed during the TLS"),
        (TcpServer.resetting_when_asked(), Outcome.RESET, "the connection was reset"),
    ],
)
async def test_who_says_too_little_hangs_or_resets(
    server: StreamServer, outcome: Outcome, detail: str
) -> None:
    async with server as address:
        with pytest.raises(Ended, match=detail) as caught:
            await shaken(address, deadline=HASTY_SECONDS)

    assert (caught.value.outcome, caught.value.stage) == (outcome, Stage.TLS)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("be-01.example", ""),
        (None, ", and it was not asked for by name: the inventory has an address only"),
    ],
)
async def test_who_hangs_up_may_have_missed_its_name(name: str | None, hint: str) -> None:
    async with TcpServer.closing_after(b"") as address:
        with pytest.raises(Ended) as caught:
            await shaken(address, name=name)

    assert caught.value.detail == f"closed during the TLS handshake{hint}"


async def test_a_handshake_that_never_ends_is_bounded_in_bytes() -> None:
    async with TcpServer.sending_a_megabyte(filler=HELLO_REQUEST) as address:
        with pytest.raises(Ended, match="sent more than 524288 bytes") as caught:
            await shaken(address)

    assert caught.value.outcome is Outcome.HUNG


async def test_leave_is_taken_in_order() -> None:
    server = SyslogServer.over_tls()
    async with server as address:
        handshake = await shaken(address, leave=True)

        assert await server.endings.get() is Ending.IN_ORDER
    assert handshake.seen.detail == ""
    assert server.junk == []


async def test_a_server_in_no_hurry_is_left_all_the_same() -> None:
    async def converse(stream: Stream) -> None:
        await TlsStream(stream, Tls().context()).handshake()
        await stream.to_the_end()

    async with StreamServer(converse) as address:
        handshake = await shaken(address, leave=True)

    assert handshake.seen.outcome is Outcome.OPEN
    assert LEAVING_SECONDS < PATIENT_SECONDS


def test_handshakes_share_their_context() -> None:
    assert measuring_context(("h2",)) is measuring_context(("h2",))
    assert measuring_context(("h2",)) is not measuring_context(())


def test_servers_that_cannot_renegotiate_safely_are_measured() -> None:
    legacy_server_connect = 0x4

    assert measuring_context(()).options & legacy_server_connect


@pytest.mark.parametrize(
    ("name", "shown"), [("be-01.example", "be-01.example"), ("be-01.", "be-01"), (None, None)]
)
async def test_a_server_is_asked_for_by_its_name(name: str | None, shown: str | None) -> None:
    names: list[str | None] = []
    context = Tls().context()
    context.sni_callback = lambda _, asked, __: names.append(asked)

    async def converse(stream: Stream) -> None:
        await TlsStream(stream, context).handshake()

    check = check_of(Address("127.0.0.1", 1), Service.TLS, name=name)
    async with attempt_at(check) as attempt:
        assert server_name(attempt) == shown
    async with StreamServer(converse) as address:
        await shaken(address, name=name)

    assert names == [shown]
