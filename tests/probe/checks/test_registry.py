"""Which exchange a port gets."""

import ssl

import pytest

from flows.outcomes import AnsweredBy, Outcome, Service
from probe.checks import CHECKS, check_for
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpsServer
from tests.fakes.streams import StreamServer
from tests.probe.checks.measured import check_of, measured


def test_every_service_has_its_exchange() -> None:
    assert set(CHECKS) == set(Service)


def test_nothing_is_known_of_no_service() -> None:
    assert check_for(()) is None


@pytest.mark.parametrize(
    ("services", "chosen"),
    [
        ((Service.GRPC, Service.HTTPS), Service.HTTPS),
        ((Service.HTTPS, Service.TLS), Service.HTTPS),
        ((Service.SYSLOG, Service.TLS), Service.SYSLOG),
        ((Service.TCP, Service.TDS), Service.TDS),
        ((Service.TCP, Service.TLS), Service.TLS),
    ],
)
def test_one_exchange_serves_all_services_of_a_port(
    services: tuple[Service, ...], chosen: Service
) -> None:
    assert check_for(services) is CHECKS[chosen]


@pytest.mark.parametrize(
    ("server", "answered_by"),
    [
        (GrpcServer.answering(), AnsweredBy.GRPC),
        (HttpsServer.answering(), AnsweredBy.HTTPS),
        (HttpsServer.answering(alpn=("h2",)), AnsweredBy.HTTPS),
        (HttpsServer.closing_after_the_handshake(), AnsweredBy.TLS),
    ],
)
async def test_a_shared_port_is_asked_once(server: StreamServer, answered_by: AnsweredBy) -> None:
    async with server as address:
        seen = await measured(check_of(address, Service.GRPC, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, answered_by)
    assert server.connections == 1


async def test_no_context_is_made_for_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpsServer.answering() as address:
        check = check_of(address, Service.HTTPS)
        first = await measured(check)
        monkeypatch.delattr(ssl, "SSLContext")
        second = await measured(check)

    assert first.certificate is not None
    assert second.certificate == first.certificate
