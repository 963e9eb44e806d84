"""nginx: a web server with and without TLS and HTTP/2."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flows.identity import identify
from flows.outcomes import AnsweredBy, Identity, Outcome, Service
from tests.fakes.streams import Address
from tests.peers.programs import Certificates, Program, own_address
from tests.probe.checks.measured import check_of, measured

pytestmark = pytest.mark.needs("nginx")

PLAIN, TLS, HTTP2, DEMANDING = 18080, 18443, 18444, 18445
CONFIGURATION = """\
daemon off;
worker_processes 1;
error_log stderr info;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {certificates.chain};
    ssl_certificate_key {certificates.key};
    server {{ listen {address}:{plain}; return 404; }}
    server {{ listen {address}:{tls} ssl; return 404; }}
    server {{ listen {address}:{http2} ssl http2; return 404; }}
    server {{
        listen {address}:{demanding} ssl;
        ssl_verify_client on;
        ssl_client_certificate {certificates.authority};
    }}
}}
"""


@asynccontextmanager
async def running(folder: Path, certificates: Certificates) -> AsyncIterator[Program]:
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            certificates=certificates,
            address=own_address(),
            plain=PLAIN,
            tls=TLS,
            http2=HTTP2,
            demanding=DEMANDING,
        )
    )
    async with Program("nginx", "-e", "stderr", "-c", configuration, "-p", folder) as program:
        await program.line("start worker process ")
        yield program


GRAVE = re.compile(r"\[(error|crit|alert|emerg)\]")

SEEN = [
    (PLAIN, Service.HTTP, AnsweredBy.HTTP, 404, Identity.UNVERIFIED),
    (TLS, Service.HTTPS, AnsweredBy.HTTPS, 404, Identity.UNVERIFIED),
    (HTTP2, Service.HTTPS, AnsweredBy.HTTPS, 404, Identity.UNVERIFIED),
    (DEMANDING, Service.HTTPS, AnsweredBy.HTTPS, 400, Identity.UNVERIFIED),
    (HTTP2, Service.GRPC, AnsweredBy.HTTPS, 404, Identity.MISMATCH),
    (TLS, Service.GRPC, AnsweredBy.HTTPS, 404, Identity.MISMATCH),
    (PLAIN, Service.HTTPS, AnsweredBy.HTTP, None, Identity.MISMATCH),
    (PLAIN, Service.TLS, AnsweredBy.HTTP, None, Identity.MISMATCH),
    (TLS, Service.HTTP, AnsweredBy.HTTPS, None, Identity.MISMATCH),
    (TLS, Service.TLS, AnsweredBy.TLS, None, Identity.UNVERIFIED),
    (PLAIN, Service.TDS, AnsweredBy.HTTP, None, Identity.MISMATCH),
    (TLS, Service.TDS, AnsweredBy.HTTP, None, Identity.MISMATCH),
    (PLAIN, Service.MSRPC, AnsweredBy.HTTP, None, Identity.MISMATCH),
    (TLS, Service.MSRPC, AnsweredBy.HTTP, None, Identity.MISMATCH),
]


async def test_nginx_is_named_by_every_check(tmp_path: Path, certificates: Certificates) -> None:
    async with running(tmp_path, certificates) as nginx:
        await measure_all()

    assert nginx.printed[-1].endswith("exit")
    assert [
        line for line in nginx.printed if re.search(r"\[(error|crit|alert|emerg)\]", line)
    ] == []


async def measure_all() -> None:
    for port, service, answered_by, status, identity in SEEN:
        seen = await measured(check_of(Address(own_address(), port), service))

        assert (seen.outcome, seen.answered_by) == (Outcome.OPEN, answered_by), (port, service)
        assert seen.status == status, (port, service)
        assert identify(seen, service, None) is identity, (port, service)
        if status:
            assert (seen.server or "").startswith("nginx")
