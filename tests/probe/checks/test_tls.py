"""Services that show TLS and nothing else."""

from flows.outcomes import AnsweredBy, Outcome, Service, Stage
from tests.fakes.https import HttpsServer
from tests.fakes.syslog import Ending, SyslogServer
from tests.fakes.tcp import TcpServer
from tests.probe.checks.measured import check_of, measured


async def test_a_handshake_is_all_and_ends_in_order() -> None:
    server = SyslogServer.over_tls()
    async with server as address:
        seen = await measured(check_of(address, Service.TLS))

        assert await server.endings.get() is Ending.IN_ORDER
    assert (seen.outcome, seen.stage, seen.detail) == (Outcome.OPEN, Stage.TLS, "")
    assert (seen.answered_by, seen.tls_version) == (AnsweredBy.TLS, "TLSv1.3")
    assert seen.certificate is not None


async def test_nobody_is_asked_which_protocol_it_speaks() -> None:
    async with HttpsServer.answering(alpn=("h2",)) as address:
        seen = await measured(check_of(address, Service.TLS))

    assert (seen.answered_by, seen.alpn) == (AnsweredBy.TLS, None)


async def test_what_speaks_no_tls_is_named() -> None:
    async with TcpServer.speaking(b"SSH-2.0-OpenSSH_9.2\r\n") as address:
        seen = await measured(check_of(address, Service.TLS))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.TLS)
    assert seen.answered_by is AnsweredBy.OTHER
    assert seen.detail.startswith("answered by an SSH server (SSH-2.0-OpenSSH_9.2)")


async def test_a_demand_for_a_client_certificate_is_heard() -> None:
    async with HttpsServer.demanding_a_client_certificate() as address:
        seen = await measured(check_of(address, Service.TLS))

    assert (seen.answered_by, seen.client_certificate) == (AnsweredBy.TLS, True)
