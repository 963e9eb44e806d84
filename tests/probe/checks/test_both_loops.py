"""Each check works in asyncio's own event loop and in uvloop's, and loads little to do so."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import uvloop

from flows.outcomes import AnsweredBy, Outcome, Service
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

ROOT = Path(__file__).parents[3]
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
SERVERS: dict[Service, Callable[[], AbstractAsyncContextManager[Address]]] = {
    Service.HTTPS: HttpsServer.answering,
    Service.GRPC: GrpcServer.answering,
    Service.HTTP: HttpServer.answering,
    Service.TDS: TdsServer.strict,
    Service.MSRPC: MsrpcServer.accepting,
    Service.TLS: SyslogServer.over_tls,
    Service.SYSLOG: SyslogServer.over_tcp,
    Service.TCP: TcpServer.accepting,
    Service.SSRP: SsrpServer.knowing,
    Service.UDP: lambda: UdpServer.answering(b"x"),
}
ANSWERED = {
    Service.SYSLOG: AnsweredBy.NONE,
    Service.TCP: AnsweredBy.NONE,
    Service.UDP: AnsweredBy.OTHER,
}
"""By what each is answered, where it is not by its own kind."""
TOO_MUCH = ("aiohttp", "cryptography", "grpc", "rich", "scapy", "yaml")


@pytest.mark.parametrize("service", SERVERS)
@pytest.mark.parametrize("make_loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_check_works_in_the_loop(
    make_loop: Callable[[], asyncio.AbstractEventLoop], service: Service
) -> None:
    proto = "udp" if service in {Service.SSRP, Service.UDP} else "tcp"

    async def main() -> tuple[Outcome, AnsweredBy | None]:
        async with SERVERS[service]() as address:
            seen = await measured(check_of(address, service, proto=proto))
            return seen.outcome, seen.answered_by

    with asyncio.Runner(debug=True, loop_factory=make_loop) as runner:
        outcome, answered_by = runner.run(main())

    assert outcome is (Outcome.ANSWERED if proto == "udp" else Outcome.OPEN)
    assert answered_by is (ANSWERED.get(service) or AnsweredBy(service))


def test_the_checks_load_little() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import probe.checks, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}

    assert "probe" in loaded
    assert loaded.isdisjoint(TOO_MUCH), loaded & set(TOO_MUCH)
