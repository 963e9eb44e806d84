"""Do checks as fast as may be and say what they cost: one line, as tcp_limit.c writes it.

python -m bench.worker engine|open_connection tcp|tls IN_FLIGHT SECONDS PORT
"""

import asyncio
import itertools
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import IPv4Network

import msgspec

from bench.contenders import ADDRESSES
from flows.messages import Check
from flows.outcomes import Outcome, Service
from probe.allow import Allow, refusal
from probe.measuring import measure, open_means

DEADLINE_SECONDS = 4.0
DESTINATIONS = [f"127.1.0.{n + 1}" for n in range(ADDRESSES)]
Once = Callable[[], Awaitable[bool]]
"""Does one check; says whether it went well."""


async def spend(once: Once, in_flight: int, seconds: float) -> None:
    """Keep so many checks in flight for so long, and print what that took."""
    checks, failures = 0, 0
    await once()  # what is made only once, as a TLS context, is no cost of each check
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


async def engine(service: Service, in_flight: int, seconds: float, port: int) -> None:
    """Measure as the probe does: permission, deadline, outcome, stage times and TCP_INFO."""
    usual = Check(
        id=0,
        address="",
        name=None,
        proto="tcp",
        port=port,
        services=(service,),
        interval=15.0,
        deadline=DEADLINE_SECONDS,
        offset=0.0,
    )
    checks = itertools.cycle(
        [msgspec.structs.replace(usual, address=address) for address in DESTINATIONS]
    )
    allow = Allow(networks=(IPv4Network("127.1.0.0/24"),), ports=frozenset({port}))
    async with open_means(partial(refusal, allow)) as means:

        async def once() -> bool:
            seen = await measure(next(checks), means)
            return seen.outcome is Outcome.OPEN and seen.rtt_seconds is not None

        await spend(once, in_flight, seconds)


async def open_connection(service: Service, in_flight: int, seconds: float, port: int) -> None:
    """Connect as most Python programs do."""
    addresses = itertools.cycle(DESTINATIONS)
    context = trusting_everybody() if service is Service.TLS else None

    async def once() -> bool:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                _, writer = await asyncio.open_connection(next(addresses), port, ssl=context)
                writer.close()
                await writer.wait_closed()
        except OSError:
            return False
        return True

    await spend(once, in_flight, seconds)


def trusting_everybody() -> ssl.SSLContext:
    """Verify nothing: nobody here does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def main() -> None:
    kind, service, in_flight, seconds, port = sys.argv[1:]
    work = {"engine": engine, "open_connection": open_connection}[kind]
    asyncio.run(work(Service(service), int(in_flight), float(seconds), int(port)))


if __name__ == "__main__":
    main()
