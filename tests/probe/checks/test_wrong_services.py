"""Every check against every server: what is not the right service is named, never taken for it.

Each cell says outcome, what answered (`-` for nothing) and identity (`-` where nothing answered).
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from flows.identity import identify
from flows.outcomes import Service
from tests.fakes.grpc import GrpcServer
from tests.fakes.https import HttpServer, HttpsServer
from tests.fakes.msrpc import MsrpcServer
from tests.fakes.ssrp import SsrpServer
from tests.fakes.streams import Address
from tests.fakes.syslog import SyslogServer
from tests.fakes.tcp import TcpServer
from tests.fakes.tds import TdsServer
from tests.fakes.udp import UdpServer
from tests.probe.checks.measured import check_of, measured

SILENT_SECONDS = 1.5
Fake = AbstractAsyncContextManager[Address]

STREAMS: dict[str, Callable[[], Fake]] = {
    "http": HttpServer.answering,
    "https": HttpsServer.answering,
    "https, h2": lambda: HttpsServer.answering(alpn=("h2", "http/1.1")),
    "https, client certificate": HttpsServer.demanding_a_client_certificate,
    "grpc": GrpcServer.answering,
    "grpc in clear": GrpcServer.without_tls,
    "tds": TdsServer.answering,
    "tds, strict": TdsServer.strict,
    "msrpc": MsrpcServer.accepting,
    "syslog": SyslogServer.over_tcp,
    "syslog over tls": SyslogServer.over_tls,
    "ssh": lambda: TcpServer.speaking(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "mail": lambda: TcpServer.speaking(b"220 mail.example ESMTP\r\n"),
    "silence": TcpServer.accepting,
}
DATAGRAMS: dict[str, Callable[[], Fake]] = {
    "browser": SsrpServer.knowing,
    "echo": lambda: UdpServer(lambda datagram: datagram or b"?"),
    "silence": UdpServer.silent,
}

TLS_SERVERS = ("https", "https, h2", "https, client certificate", "grpc", "syslog over tls")
SPEAKS_FIRST = ("ssh", "mail")
KEEPS_SILENT = ("msrpc", "syslog", "silence")

BEHIND_TLS = {
    "open http mismatch": ("http", "grpc in clear"),
    "open tls undecided": ("https, client certificate", "tds, strict"),
    "open other mismatch": SPEAKS_FIRST,
    "reset - -": ("tds",),
    "hung tls -": ("syslog over tls",),
    "hung - -": KEEPS_SILENT,
}
TLS_ALONE = {
    "open tls unverified": (*TLS_SERVERS, "tds, strict"),
    "open http mismatch": ("http", "grpc in clear"),
    "open other mismatch": SPEAKS_FIRST,
    "reset - -": ("tds",),
    "hung - -": KEEPS_SILENT,
}
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "https": BEHIND_TLS
    | {"open https unverified": ("https", "https, h2"), "open grpc mismatch": ("grpc",)},
    "grpc": BEHIND_TLS
    | {"open grpc unverified": ("grpc",), "open https mismatch": ("https", "https, h2")},
    "http": {
        "open http unverified": ("http",),
        "open other mismatch": ("grpc in clear", *SPEAKS_FIRST),
        "reset - -": (*TLS_SERVERS, "tds", "tds, strict"),
        "hung - -": KEEPS_SILENT,
    },
    "tds": {
        "open tds unverified": ("tds", "tds, strict"),
        "open http mismatch": ("http", "grpc in clear"),
        "open https mismatch": ("https", "https, h2"),
        "open tls mismatch": ("https, client certificate", "grpc"),
        "open other mismatch": SPEAKS_FIRST,
        "hung tls -": ("syslog over tls",),
        "hung - -": KEEPS_SILENT,
    },
    "msrpc": {
        "open msrpc unverified": ("msrpc",),
        "open http mismatch": ("http", "grpc in clear"),
        "open other mismatch": SPEAKS_FIRST,
        "reset - -": (*TLS_SERVERS, "tds", "tds, strict"),
        "hung - -": ("syslog", "silence"),
    },
    "tls": TLS_ALONE,
    "syslog tls": TLS_ALONE,
    "syslog": {"open none unverified": tuple(STREAMS)},
    "tcp": {"open none unverified": tuple(STREAMS)},
    "ssrp/udp": {
        "answered ssrp unverified": ("browser",),
        "answered other mismatch": ("echo",),
        "silent - -": ("silence",),
    },
    "syslog/udp": {
        "answered other mismatch": ("echo",),
        "silent - -": ("browser", "silence"),
    },
    "udp/udp": {
        "answered other unverified": ("echo",),
        "silent - -": ("browser", "silence"),
    },
}


async def cell(check: str, serve: Callable[[], Fake]) -> str:
    """Measure one server with one check, and judge it as the last of the check's services."""
    words, _, proto = check.partition("/")
    services = tuple(map(Service, words.split()))
    async with serve() as address:
        asked = check_of(address, *services, proto=proto or "tcp", deadline=SILENT_SECONDS)
        seen = await measured(asked)
    identity = identify(seen, services[-1], None)
    return f"{seen.outcome} {seen.answered_by or '-'} {identity or '-'}"


@pytest.mark.parametrize("check", TABLE)
async def test_a_check_names_whatever_answers_it(check: str) -> None:
    servers = DATAGRAMS if check.endswith("/udp") else STREAMS

    cells = await asyncio.gather(*(cell(check, serve) for serve in servers.values()))

    expected = {server: words for words, named in TABLE[check].items() for server in named}
    assert dict(zip(servers, cells, strict=True)) == expected


def test_no_service_is_left_out() -> None:
    assert {word for check in TABLE for word in check.partition("/")[0].split()} == set(Service)
