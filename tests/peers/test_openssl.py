"""OpenSSL's s_server, which demands client certificates and wants protocols of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flows.identity import identify
from flows.outcomes import AnsweredBy, Identity, Outcome, Service
from tests.fakes.streams import Address
from tests.peers.programs import Certificates, Program
from tests.probe.checks.measured import check_of, measured

pytestmark = pytest.mark.needs("openssl")

VERSIONS = ["-tls1_2", "-tls1_3"]
SERVICES = [Service.HTTPS, Service.GRPC, Service.TLS, Service.TDS]


@asynccontextmanager
async def serving(certificates: Certificates, *options: str) -> AsyncIterator[Address]:
    own = ("-cert", str(certificates.chain), "-key", str(certificates.key), "-www")
    async with Program("openssl", "s_server", "-accept", "127.0.0.1:0", *own, *options) as program:
        line = await program.line("ACCEPT ")
        yield Address("127.0.0.1", int(line.rpartition(":")[2]))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_demand_for_a_client_certificate_is_a_sign_of_life(
    certificates: Certificates, version: str, service: Service
) -> None:
    demanding = ("-Verify", "1", "-CAfile", str(certificates.authority), version)
    async with serving(certificates, *demanding) as address:
        seen = await measured(check_of(address, service))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.client_certificate
    assert seen.detail.startswith("it demands a client certificate (alert: ")
    assert seen.certificate is not None
    expected = {Service.TLS: Identity.UNVERIFIED, Service.TDS: Identity.MISMATCH}
    assert identify(seen, service, None) is expected.get(service, Identity.UNDECIDED)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_web_server_of_either_version_answers(
    certificates: Certificates, version: str
) -> None:
    async with serving(certificates, version) as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.answered_by, seen.status) == (AnsweredBy.HTTPS, 200)
    assert seen.tls_version == {"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}[version]


async def test_a_server_of_other_protocols_is_alive(certificates: Certificates) -> None:
    async with serving(certificates, "-alpn", "smb,imap") as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.detail == (
        "it wants none of the protocols that were offered (alert: no application protocol)"
    )


async def test_a_server_of_old_tls_is_alive(certificates: Certificates) -> None:
    old = ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    async with serving(certificates, *old) as address:
        seen = await measured(check_of(address, Service.HTTPS))

    assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert seen.detail == "it speaks neither TLS 1.2 nor 1.3 (alert: protocol version)"
