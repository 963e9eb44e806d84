"""SQL Servers, those included that want TLS first."""

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from probe.wire.tds import Encryption, build_prelogin, build_prelogin_answer, read_prelogin
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpsServer
from tests.fakes.streams import Stream, StreamServer
from tests.fakes.tcp import TcpServer
from tests.fakes.tds import TdsServer
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured
from tests.probe.wire.packets import packet

ANSWER = build_prelogin_answer(read_prelogin(build_prelogin()), "15.0.4298", Encryption.OFF)


@pytest.mark.parametrize(
    ("encryption", "words"),
    [
        (Encryption.OFF, "encrypts the login only"),
        (Encryption.ON, "encrypts everything"),
        (Encryption.NOT_SUPPORTED, "does not encrypt"),
        (Encryption.REQUIRED, "demands encryption"),
    ],
)
async def test_a_sql_server_tells_its_version_and_encryption(
    encryption: Encryption, words: str
) -> None:
    async with TdsServer.answering("15.0.4298", encryption) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert (seen.answered_by, seen.product) == (AnsweredBy.TDS, "15.0.4298")
    assert seen.detail == f"SQL Server 15.0.4298, {words}"


@pytest.mark.parametrize("name", ["tds-answer-sql-2008-sp1", "tds-answer-sql-2012-sp1"])
async def test_recorded_sql_servers_are_known(name: str) -> None:
    async with TcpServer.answering(packet(name)) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert seen.answered_by is AnsweredBy.TDS
    assert seen.product in {"10.0.2531", "11.0.3000"}


async def test_a_sql_server_that_says_nothing_of_encryption_is_one_all_the_same() -> None:
    version_only = b"\x04\x01\x00\x14\x00\x00\x01\x00\x00\x00\x06\x00\x06\xff\x0f\0\x10\xca\0\0"
    async with TcpServer.answering(version_only) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert seen.detail == "SQL Server 15.0.4298, does not say whether it encrypts"


async def test_strict_encryption_is_asked_inside_of_tls() -> None:
    server = TdsServer.strict("16.0.1000")
    async with server as address:
        seen = await measured(check_of(address, Service.TDS))

    assert server.connections == 2
    assert (seen.outcome, seen.answered_by, seen.product) == (
        Outcome.OPEN,
        AnsweredBy.TDS,
        "16.0.1000",
    )
    assert seen.detail == "SQL Server 16.0.1000, strict encryption (TDS 8.0)"
    assert (seen.alpn, seen.stage) == ("tds/8.0", Stage.PROTOCOL)
    assert seen.certificate is not None


@pytest.mark.parametrize(
    "closing", [TcpServer.closing_after(b""), TcpServer.resetting_when_asked()]
)
async def test_who_closes_both_times_has_reset(closing: TcpServer) -> None:
    async with closing as address:
        seen = await measured(check_of(address, Service.TDS))

    assert closing.connections == 2
    assert (seen.outcome, seen.stage, seen.answered_by) == (Outcome.RESET, Stage.PROTOCOL, None)


async def test_who_closes_in_the_middle_is_not_asked_again() -> None:
    server = TdsServer.closing_early(after=12)
    async with server as address:
        seen = await measured(check_of(address, Service.TDS))

    assert server.connections == 1
    assert seen.outcome is Outcome.RESET
    assert seen.detail.endswith(f"in the middle of its answer; first bytes {ANSWER[:12].hex()}")


async def test_silence_hangs_and_is_not_asked_again() -> None:
    server = TcpServer.accepting()
    async with server as address:
        seen = await measured(check_of(address, Service.TDS, deadline=HASTY_SECONDS))

    assert server.connections == 1
    assert (seen.outcome, seen.stage) == (Outcome.HUNG, Stage.PROTOCOL)


@pytest.mark.parametrize(
    "server", [GrpcServer.answering(), HttpsServer.closing_after_the_handshake()]
)
async def test_a_tls_server_of_another_kind_is_named(server: StreamServer) -> None:
    async with server as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)


async def test_a_web_server_behind_tls_is_named() -> None:
    async with HttpsServer.answering() as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.HTTPS)
    assert "an HTTP server (HTTP/1.1 400 Bad) behind TLS" in seen.detail


async def test_an_answer_that_breaks_the_rules_is_no_sql_server_s() -> None:
    async with TcpServer.answering(ANSWER[:8] + b"\xff" * (len(ANSWER) - 8)) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.OTHER)
    assert seen.detail.startswith("answered like a SQL Server (TDS), but PRELOGIN ")


async def test_who_closes_a_clear_prelogin_and_speaks_no_tls_is_named() -> None:
    closed: list[bytes] = []

    async def close_once_then_speak(stream: Stream) -> None:
        if not closed:
            closed.append(await stream.read())
            return
        await stream.read()
        await stream.send(b"go away, whoever you are\n")
        await stream.to_the_end()

    async with StreamServer(close_once_then_speak) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.OTHER)
    assert "go away" in seen.detail
