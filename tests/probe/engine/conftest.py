"""The engine holds in every event loop, and whichever way it waits on sockets."""

import asyncio
import dataclasses
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop

from flows.messages import Check
from flows.outcomes import Service, Stage
from probe.engine.addresses import read_literal
from probe.engine.attempt import Attempt
from probe.engine.means import Means
from probe.engine.stages import Stages
from probe.measuring import open_means
from probe.platforms.linux import tcp_info
from probe.platforms.loop_sockets import LoopSockets
from tests.fakes.streams import Address

PATIENCE_SECONDS = 5.0
"""The deadline where a test expects an answer."""

AttemptAt = Callable[..., Attempt]
"""Takes an address, and the deadline of each stage in seconds."""


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each test in both loops."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["epoll", "the loop's own calls"])
async def means(request: pytest.FixtureRequest) -> AsyncIterator[Means]:
    """Allow everything, by both ways of waiting."""
    async with open_means(lambda _name, _address, _port: None) as usual:
        if request.param == "epoll":
            yield usual
        else:
            yield dataclasses.replace(usual, sockets=LoopSockets(tcp_info, usual.now))


@pytest.fixture
def attempt_at(means: Means) -> AttemptAt:
    """Make attempts as `measure` makes them."""

    def make(address: Address, seconds: float = PATIENCE_SECONDS) -> Attempt:
        target = read_literal(address.host)
        assert target is not None
        check = Check(
            id=1,
            address=address.host,
            name=None,
            proto="tcp",
            port=address.port,
            services=(Service.TCP,),
            interval=15.0,
            deadline=seconds,
            offset=0.0,
        )
        return Attempt(check, target, means, Stages(means.now, seconds, Stage.CONNECT))

    return make


@pytest.fixture
def ticking() -> Callable[[], float]:
    """Read a clock that goes one second further each time it is read."""
    return itertools.count(100.0).__next__


def open_descriptors() -> Iterator[str]:
    """List what this process holds open, but for the listing itself."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            yield f"{entry.name} {entry.readlink()}"


@pytest.fixture
def closed_udp_port() -> Iterator[int]:
    """Keep a UDP port of 127.0.0.1 on which nobody takes anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as keeper:
        keeper.bind(("127.0.0.1", 0))
        keeper.connect(keeper.getsockname())
        yield keeper.getsockname()[1]
