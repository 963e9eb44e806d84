"""Do TCP checks as fast as may be and say what they cost: one line, as tcp_limit.c writes it.

python -m bench.tcp_worker engine|open_connection IN_FLIGHT SECONDS PORT
"""

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from ipaddress import IPv4Network

from flows.messages import Check
from flows.outcomes import Outcome, Service
from probe.allow import Allow, refusal
from probe.measuring import measure, open_means

ADDRESSES = 250
DEADLINE_SECONDS = 4.0
Once = Callable[[], Awaitable[bool]]
"""Does one check; says whether it went well."""


def destinations() -> Iterator[str]:
    """Name every address of the listener, over and over."""
    return itertools.cycle([f"127.1.0.{n + 1}" for n in range(ADDRESSES)])


async def spend(once: Once, in_flight: int, seconds: float) -> None:
    """Keep so many checks in flight for so long, and print what that took."""
    checks, failures = 0, 0
    wall, cpu = time.perf_counter(), time.process_time()
    end = wall + seconds

    async def work() -> None:
        nonlocal checks, failures
        while time.perf_counter() < end:
            well = await once()
            checks += 1
            failures += not well

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(work())
    print(checks, failures, time.process_time() - cpu, time.perf_counter() - wall)


async def engine(in_flight: int, seconds: float, port: int) -> None:
    """Measure as the probe does: permission, deadline, outcome, stage times and TCP_INFO."""
    checks = itertools.cycle(
        [
            Check(
                id=n,
                address=address,
                name=None,
                proto="tcp",
                port=port,
                services=(Service.TCP,),
                interval=15.0,
                deadline=DEADLINE_SECONDS,
                offset=0.0,
            )
            for n, address in zip(range(ADDRESSES), destinations(), strict=False)
        ]
    )
    allow = Allow(networks=(IPv4Network("127.1.0.0/24"),), ports=frozenset({port}))
    async with open_means(partial(refusal, allow)) as means:

        async def once() -> bool:
            seen = await measure(next(checks), means)
            return seen.outcome is Outcome.OPEN and seen.rtt_seconds is not None

        await spend(once, in_flight, seconds)


async def open_connection(in_flight: int, seconds: float, port: int) -> None:
    """Connect as most Python programs do."""
    addresses = destinations()

    async def once() -> bool:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                _, writer = await asyncio.open_connection(next(addresses), port)
                writer.close()
                await writer.wait_closed()
        except OSError:
            return False
        return True

    await spend(once, in_flight, seconds)


def main() -> None:
    kind, in_flight, seconds, port = sys.argv[1:]
    work = {"engine": engine, "open_connection": open_connection}[kind]
    asyncio.run(work(int(in_flight), float(seconds), int(port)))


if __name__ == "__main__":
    main()
