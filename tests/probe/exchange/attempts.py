"""An attempt at a fake, for what checks share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flows.messages import Check
from flows.outcomes import Stage
from probe.engine.addresses import read_literal
from probe.engine.attempt import Attempt
from probe.engine.stages import Stages
from probe.engine.stream import Stream
from probe.measuring import open_means


@asynccontextmanager
async def attempt_at(check: Check) -> AsyncIterator[Attempt]:
    """Begin an attempt, not yet connected."""
    target = read_literal(check.address)
    assert target is not None
    async with open_means(lambda *_: None) as means:
        yield Attempt(check, target, means, Stages(means.now, check.deadline, Stage.CONNECT))


@asynccontextmanager
async def connected(check: Check) -> AsyncIterator[tuple[Attempt, Stream]]:
    """Connect, and enter the stage in which protocols are spoken."""
    async with attempt_at(check) as attempt, await attempt.connect() as stream:
        attempt.stages.enter(Stage.PROTOCOL)
        yield attempt, stream
