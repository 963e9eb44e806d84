"""A check that is over is gone: no cycle keeps its session until garbage is collected.

A session holds much more in OpenSSL than the collector of garbage sees: while they were part of
cycles, 50 HTTPS checks at once cost a probe 10 MiB.
"""

import gc
from collections.abc import Iterator

import pytest

from flows.outcomes import Outcome, Service
from tests.fakes.certificates import Certificate
from tests.fakes.https import HttpServer, HttpsServer
from tests.fakes.streams import StreamServer
from tests.fakes.tcp import TcpServer
from tests.fakes.tds import TdsServer
from tests.probe.checks.measured import HASTY_SECONDS, PATIENT_SECONDS, check_of, measured

SEEN = [
    (TcpServer.accepting(), Service.TCP, Outcome.OPEN),
    (HttpServer.answering(), Service.HTTP, Outcome.OPEN),
    (HttpServer.answering(), Service.HTTPS, Outcome.OPEN),
    (HttpsServer.answering(), Service.HTTPS, Outcome.OPEN),
    (HttpsServer.answering(alpn=("h2",)), Service.GRPC, Outcome.OPEN),
    (HttpsServer.answering(), Service.TLS, Outcome.OPEN),
    (HttpsServer.showing(Certificate.EXPIRED), Service.HTTPS, Outcome.OPEN),
    (HttpsServer.demanding_a_client_certificate(), Service.HTTPS, Outcome.OPEN),
    (TcpServer.resetting(), Service.HTTPS, Outcome.RESET),
    (TcpServer.closing(), Service.HTTPS, Outcome.RESET),
    (TcpServer.accepting(), Service.HTTPS, Outcome.HUNG),
    (TcpServer.speaking(b"220 ready\r\n"), Service.HTTPS, Outcome.OPEN),
    (TdsServer.answering(), Service.TDS, Outcome.OPEN),
    (TdsServer.strict(), Service.TDS, Outcome.OPEN),
    (TdsServer.closing_early(), Service.TDS, Outcome.RESET),
    (TdsServer.closing_early(9), Service.TDS, Outcome.RESET),
    (TcpServer.closing(), Service.MSRPC, Outcome.RESET),
]


@pytest.fixture
def kept_garbage() -> Iterator[list[object]]:
    """Keep what only the collection of cyclic garbage would free, of all that is made from now on.

    What was there before is left out: it fills a second to look through the whole suite.
    """
    gc.disable()
    gc.freeze()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.collect()
    gc.unfreeze()
    gc.enable()


@pytest.mark.parametrize(("server", "service", "outcome"), SEEN)
async def test_a_check_leaves_nothing_to_collect(
    server: StreamServer, service: Service, outcome: Outcome, kept_garbage: list[object]
) -> None:
    deadline = HASTY_SECONDS if outcome is Outcome.HUNG else PATIENT_SECONDS
    async with server as address:
        seen = await measured(check_of(address, service, deadline=deadline))

        gc.collect()

    assert seen.outcome is outcome
    assert [each for each in kept_garbage if type(each).__module__.startswith("probe.")] == []
