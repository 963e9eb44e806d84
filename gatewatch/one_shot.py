"""Measure checks once from this host, with the probe's own engine."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection

from flows.checks import Pace, checks_of
from flows.messages import Check
from flows.outcomes import Observation
from flows.plan import Endpoint
from gatewatch.check_run import Asked
from probe.engine.means import Allowed
from probe.measuring import measure, open_means
from probe.platforms import THIS_PLATFORM

AT_ONCE = 128
"""Checks in flight."""


async def measure_once(asked: Asked) -> AsyncGenerator[tuple[Endpoint, Observation]]:
    """Measure everything asked for, each endpoint once; walk what was seen as it comes in."""
    pace = Pace(deadline=THIS_PLATFORM.DEADLINE_SECONDS)
    checks = checks_of(asked.paths, asked.plan, pace)
    async with open_means(only(asked.endpoints)) as means:
        async for seen in _as_they_come(checks.items(), lambda check: measure(check, means)):
            yield seen


def only(endpoints: Collection[Endpoint]) -> Allowed:
    """Allow what the plan of this host asks for: an operator started this run by hand."""
    dialled = {(address, port) for address, _, port in endpoints}

    def refusal(asked: str, address: str, port: int) -> str | None:
        if (asked, port) in dialled:
            return None
        return f"{address} port {port} was not dialled: the plan of this host does not hold it"

    return refusal


async def _as_they_come(
    checks: Collection[tuple[Endpoint, Check]],
    measure_one: Callable[[Check], Awaitable[Observation]],
) -> AsyncGenerator[tuple[Endpoint, Observation]]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(endpoint: Endpoint, check: Check) -> tuple[Endpoint, Observation]:
        async with slots:
            return endpoint, await measure_one(check)

    for coming in asyncio.as_completed([one(endpoint, check) for endpoint, check in checks]):
        yield await coming
