"""Each service of the demo is measured by the probe's own checks, over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Observation, Outcome, Service
from gatewatch.demo.certificates import Authority
from gatewatch.demo.services import Kind, Post, Services
from probe.measuring import Means, measure, open_means
from tests.probe.checks.measured import HASTY_SECONDS, PATIENT_SECONDS

HERE = "127.79.0.1"
ASKED = {
    Kind.WEB: ((Service.GRPC, Service.HTTPS), AnsweredBy.HTTPS),
    Kind.HANDLER: ((Service.GRPC, Service.HTTPS), AnsweredBy.GRPC),
    Kind.LEGACY: ((Service.MSRPC,), AnsweredBy.MSRPC),
    Kind.SQL: ((Service.TDS,), AnsweredBy.TDS),
    Kind.BROWSER: ((Service.SSRP,), AnsweredBy.SSRP),
    Kind.SYSLOG: ((Service.SYSLOG,), AnsweredBy.NONE),
    Kind.SYSLOG_TLS: ((Service.SYSLOG, Service.TLS), AnsweredBy.TLS),
}


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with Services(Authority(tmp_path).context, {"here": HERE}) as services:
        yield services


@pytest.fixture
async def means() -> AsyncIterator[Means]:
    async with open_means(lambda *_: None) as means:
        yield means


def post(kind: Kind) -> Post:
    """Find a port that is free now."""
    family = socket.SOCK_DGRAM if kind.proto == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, family) as free:
        free.bind((HERE, 0))
        return Post(kind, "here", free.getsockname()[1])


async def seen(
    post: Post,
    services: tuple[Service, ...],
    means: Means,
    instance: str | None = None,
    deadline: float = PATIENT_SECONDS,
) -> Observation:
    check = Check(
        id=1,
        address=HERE,
        name=None,
        proto=post.kind.proto,
        port=post.port,
        services=services,
        interval=15,
        deadline=deadline,
        offset=0,
        instance=instance,
    )
    return await measure(check, means)


@pytest.mark.parametrize("kind", ASKED)
async def test_a_probe_knows_each_service_for_what_it_is(
    services: Services, means: Means, kind: Kind
) -> None:
    asked, expected = ASKED[kind]
    here = post(kind)
    await services.open(here)

    observation = await seen(here, asked, means)

    answered = {Outcome.OPEN, Outcome.ANSWERED}
    assert observation.outcome in answered, observation
    assert observation.answered_by in {expected, None if expected is AnsweredBy.NONE else expected}


async def test_syslog_over_udp_takes_what_comes_and_says_nothing(
    services: Services, means: Means
) -> None:
    here = post(Kind.SYSLOG_UDP)
    await services.open(here)

    observation = await seen(here, (Service.SYSLOG,), means, deadline=HASTY_SECONDS)

    assert observation.outcome is Outcome.SILENT


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.proto == "tcp"])
async def test_what_is_closed_refuses_and_may_be_opened_again(
    services: Services, means: Means, kind: Kind
) -> None:
    here = post(kind)
    await services.open(here)
    await services.close(here)
    closed = await seen(here, (Service.TCP,), means)
    await services.open(here)
    again = await seen(here, (Service.TCP,), means)

    assert (closed.outcome, again.outcome) == (Outcome.REFUSED, Outcome.OPEN)


async def test_the_browser_knows_the_one_instance_and_where_it_listens(
    services: Services, means: Means
) -> None:
    here = post(Kind.BROWSER)
    await services.open(here)

    known = await seen(here, (Service.SSRP,), means, "SES")
    unknown = await seen(here, (Service.SSRP,), means, "OTHER", 2.0)

    assert (known.outcome, known.ports) == (Outcome.ANSWERED, {"SES": 1433})
    assert unknown.detail.startswith("it does not know OTHER")


async def test_a_port_that_is_taken_is_an_error_of_the_system(services: Services) -> None:
    here = post(Kind.SQL)
    await services.open(here)

    with pytest.raises(OSError, match="address already in use"):
        await services.open(here)


async def test_a_client_that_talks_nonsense_is_let_go(services: Services) -> None:
    for kind in (Kind.LEGACY, Kind.SQL):
        here = post(kind)
        await services.open(here)
        with socket.create_connection((HERE, here.port), 5) as connection:
            connection.setblocking(False)
            await talk(connection, b"\xff" * 64)


async def talk(connection: socket.socket, data: bytes) -> None:
    """Say something, and read until the other side ends."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, data)
    async with asyncio.timeout(5):
        while await loop.sock_recv(connection, 4096):
            pass


async def test_the_browser_is_silent_on_nonsense_and_goes_on(
    services: Services, means: Means
) -> None:
    here = post(Kind.BROWSER)
    await services.open(here)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"\xff\xff", (HERE, here.port))

    observation = await seen(here, (Service.SSRP,), means)

    assert observation.outcome is Outcome.ANSWERED
