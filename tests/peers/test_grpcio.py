"""grpcio: Google's own gRPC server, with TLS, without it, and demanding a client certificate."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc  # type: ignore[import-untyped] # it ships no types
import pytest

from flows.identity import identify
from flows.outcomes import AnsweredBy, Identity, Outcome, Service
from tests.fakes.streams import Address
from tests.peers.programs import Certificates
from tests.probe.checks.measured import check_of, measured

UNIMPLEMENTED = 12


@contextmanager
def serving(credentials: "grpc.ServerCredentials | None") -> Iterator[Address]:
    """Run a server without any method."""
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        if credentials is None:
            port = server.add_insecure_port("127.0.0.1:0")
        else:
            port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        try:
            yield Address("127.0.0.1", port)
        finally:
            server.stop(None).wait(10)


def credentials_of(
    certificates: Certificates, *, client_certificate: bool = False
) -> "grpc.ServerCredentials":
    pair = (certificates.key.read_bytes(), certificates.chain.read_bytes())
    return grpc.ssl_server_credentials(
        [pair],
        certificates.authority.read_bytes() if client_certificate else None,
        client_certificate,
    )


@pytest.mark.parametrize("services", [(Service.GRPC,), (Service.GRPC, Service.HTTPS)])
async def test_grpcio_answers_that_it_knows_no_such_method(
    certificates: Certificates, services: tuple[Service, ...]
) -> None:
    with serving(credentials_of(certificates)) as address:
        seen = await measured(check_of(address, *services))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.GRPC)
    assert (seen.status, seen.alpn, seen.detail) == (UNIMPLEMENTED, "h2", "grpc-status 12")
    assert identify(seen, Service.GRPC, None) is Identity.UNVERIFIED
    assert identify(seen, Service.HTTPS, None) is Identity.MISMATCH


async def test_grpcio_demands_a_client_certificate(certificates: Certificates) -> None:
    with serving(credentials_of(certificates, client_certificate=True)) as address:
        seen = await measured(check_of(address, Service.GRPC))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.certificate is not None
    assert identify(seen, Service.GRPC, None) is Identity.UNDECIDED


@pytest.mark.parametrize("service", [Service.GRPC, Service.HTTPS, Service.TLS])
async def test_grpcio_without_tls_is_wrong_where_tls_belongs(service: Service) -> None:
    with serving(None) as address:
        seen = await measured(check_of(address, service))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.HTTP)
    assert seen.detail.startswith("answered by a gRPC server without TLS; first bytes 0000")
    assert identify(seen, service, None) is Identity.MISMATCH


@pytest.mark.parametrize("service", [Service.TDS, Service.MSRPC, Service.HTTP])
async def test_other_checks_name_grpcio_without_tls(service: Service) -> None:
    with serving(None) as address:
        seen = await measured(check_of(address, service))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.GRPC)
    assert identify(seen, service, None) is Identity.MISMATCH


@pytest.mark.parametrize("service", [Service.MSRPC, Service.HTTP])
async def test_grpcio_closes_on_what_is_no_tls(
    certificates: Certificates, service: Service
) -> None:
    with serving(credentials_of(certificates)) as address:
        seen = await measured(check_of(address, service))

    assert seen.outcome is Outcome.RESET


async def test_grpcio_is_a_tls_server_to_a_sql_client(certificates: Certificates) -> None:
    with serving(credentials_of(certificates)) as address:
        seen = await measured(check_of(address, Service.TDS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert identify(seen, Service.TDS, None) is Identity.MISMATCH
