"""The process of one scenario: it builds its networks, lets something break, and tells what came.

Run as `python -m tests.end_to_end.watched SCENARIO FOLDER` in a network namespace of its own.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from collector.program import serving
from collector.settings_reading import load_settings
from tests.end_to_end.monitoring import Monitoring, Targets, Times, monitoring, names
from tests.end_to_end.stage import Collector, until
from tests.end_to_end.streets import PORT, ROUTER, Size, Streets

COLLECTOR = f"""\
listen: {ROUTER}:{PORT}
inventory: inventory.yaml
store: sqlite:///{{folder}}/gatewatch.db
timing: {{{{interval: 5s, agent_interval: 5s, deadline: 4s}}}}
insecure: true
auth: {{{{required: false}}}}
log: {{{{level: warning}}}}
"""
REJECTED = "console-backend:con-01>be-02:tcp/443"
DROPPED = "console-backend:con-02>be-02:tcp/443"
TO_BE_02 = "ip daddr 10.79.2.12 tcp dport 443"
RULES = (
    f"ip saddr 10.79.1.11 {TO_BE_02} reject with icmp type admin-prohibited",
    f"ip saddr 10.79.1.12 {TO_BE_02} drop",
)

Told = dict[str, Any]


@dataclass(frozen=True)
class Estate:
    """All of it, as a scenario sees it."""

    streets: Streets
    collector: Collector
    monitoring: Monitoring

    async def becomes_calm(self) -> None:
        """Wait until all that the phase asks for is proven, and nobody is about to be woken."""

        async def is_calm() -> bool:
            ready = await self.monitoring.value('gatewatch_phase_ready{phase="baseline"}')
            known = await self.monitoring.firing() + await self.monitoring.alerts("active")
            return ready == 1 and names(known) == {"GatewatchWatchdog"}

        await until(is_calm)


@asynccontextmanager
async def estate(folder: Path, size: Size, times: Times) -> AsyncIterator[Estate]:
    """Build the networks, and let everything run in them."""
    streets = Streets(size, folder)
    (folder / "inventory.yaml").write_text(size.inventory, "utf-8")
    file = folder / "collector.yaml"
    file.write_text(COLLECTOR.format(folder=folder.as_posix()), "utf-8")
    targets = Targets(f"{ROUTER}:{PORT}", (f"{ROUTER}:{PORT}",))
    async with (
        serving(load_settings(file)) as url,
        aiohttp.ClientSession() as session,
        monitoring(folder, targets, times) as watching,
    ):
        with streets.inhabited():
            made = Estate(streets, Collector(url, session), watching)
            await made.becomes_calm()
            yield made


async def delays(one: Estate, path: str) -> Told:
    """Tell when each part hears of a path's break, from now on, in seconds."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    told: Told = {}

    async def note(name: str, ask: Callable[[], Awaitable[bool]]) -> None:
        await until(ask)
        told[name] = loop.time() - start

    async def judged() -> bool:
        return bool((await one.collector.row(path))["verdict"] == "broken")

    async def fires() -> bool:
        firing = await one.monitoring.firing()
        return any(alert["labels"].get("path") == path for alert in firing)

    async with asyncio.TaskGroup() as group:
        group.create_task(note("collector", judged))
        group.create_task(note("prometheus", fires))
        arrived = group.create_task(one.monitoring.inbox.of_path(path, "firing"))
    at, alert = arrived.result()
    return told | {"webhook": at - start, "alert": alert}


async def two_paths_break(folder: Path) -> Told:
    """Reject one path and drop another, and repair both."""
    async with estate(folder, Size(consoles=3, agents=2), Times()) as one:
        before = names(await one.monitoring.firing())
        one.streets.filter(*RULES)
        rejected, dropped = await asyncio.gather(delays(one, REJECTED), delays(one, DROPPED))
        metric = await one.monitoring.value('sum(gatewatch_path_broken{phase="baseline"})')
        repaired_at = asyncio.get_running_loop().time()
        one.streets.filter()
        inbox = one.monitoring.inbox
        resolved = [(await inbox.of_path(path, "resolved"))[0] for path in (REJECTED, DROPPED)]
        return {
            "before": sorted(before),
            "rejected": rejected,
            "dropped": dropped,
            "metric": metric,
            "resolved": max(resolved) - repaired_at,
            "after": sorted(names(await one.monitoring.firing())),
        }


async def a_host_dies(folder: Path) -> Told:
    """Take a machine off the network: backend and handler of a whole office."""
    # Three intervals, as shipped: one between the ends' checks, one to a scrape, one to a rule.
    times = Times(group_wait="15s", silent_for="10s")
    async with estate(folder, Size(consoles=12, agents=24), times) as one:
        watching = one.monitoring
        one.streets.unplug("dc2")

        async def is_all_known() -> bool:
            """Its probe's silence comes about when somebody is woken by its other ends."""
            is_silent = "GatewatchProbeSilent" in names(await watching.alerts("suppressed"))
            return is_silent and bool(watching.inbox.to("pager"))

        await until(is_all_known)
        broken = "count(gatewatch:path:broken) + sum(gatewatch:agents:broken)"
        return {
            "broken": await watching.value(broken),
            "pages": watching.inbox.to("pager"),
            "mails": watching.inbox.to("desk"),
            "active": sorted(names(await watching.alerts("active"))),
            "held_back": sorted(names(await watching.alerts("suppressed"))),
        }


SCENARIOS = {one.__name__: one for one in (two_paths_break, a_host_dies)}

if __name__ == "__main__":
    scenario = SCENARIOS[sys.argv[1]]
    print(json.dumps(asyncio.run(scenario(Path(sys.argv[2])))))
