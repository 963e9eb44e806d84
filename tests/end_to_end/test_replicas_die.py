"""Collectors that share a store die under a real Prometheus: who is woken, and of what."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import pytest

from gatewatch.demo.services import Services
from tests.collector import postgres
from tests.collector.balancer import balancing
from tests.collector.processes import together
from tests.end_to_end.monitoring import Monitoring, Targets, Times, monitoring, names
from tests.end_to_end.stage import Stage, until

pytestmark = pytest.mark.needs(postgres.NEEDED, "promtool", "amtool")

REPLICAS = 3
COLLECTOR = """\
listen: 127.0.0.1:0
inventory: inventory.yaml
store: {store}
timing: {{interval: 1s, agent_interval: 1s, deadline: 2s, stale_after: 60}}
"""
TIMES = Times(every="1s", down_for="3s")
BACKEND_DOWN = {"alertname": "GatewatchDestinationDown", "dst": "be-01"}
COLLECTOR_DOWN = "GatewatchCollectorDown"


@dataclass(frozen=True)
class Estate:
    """A small estate whose collectors stand behind a balancer."""

    stage: Stage
    services: Services
    collectors: dict[str, Popen[str]]
    """By where they listen."""
    monitoring: Monitoring


@asynccontextmanager
async def estate(folder: Path) -> AsyncIterator[Estate]:
    """Run services, probes, three collectors over PostgreSQL, and what watches them."""
    stage = Stage(folder)
    async with AsyncExitStack() as stack:
        store = stack.enter_context(stack.enter_context(postgres.serving()).database())
        file = folder / "collector.yaml"
        file.write_text(COLLECTOR.format(store=store), "utf-8")
        started = await together(file, REPLICAS, stack)
        collectors = {urlsplit(url).netloc: process for process, url in started}
        ports = [urlsplit(url).port or 0 for _, url in started]
        balanced = await stack.enter_async_context(balancing(ports, stage.port))
        services = await stack.enter_async_context(stage.services())
        await stack.enter_async_context(stage.probes())
        targets = Targets(urlsplit(balanced).netloc, tuple(collectors))
        watching = await stack.enter_async_context(monitoring(folder, targets, TIMES))
        yield Estate(stage, services, collectors, watching)


async def test_what_fires_goes_on_what_breaks_is_told_and_who_died_is_named(tmp_path: Path) -> None:
    async with estate(tmp_path) as here:
        watching, inbox = here.monitoring, here.monitoring.inbox
        (sql,) = (post for post in here.stage.services_2_6 if post.host == "sql-01")

        async def is_ready() -> bool:
            return await watching.value('gatewatch_phase_ready{phase="baseline"}') == 1

        await until(is_ready)
        await here.services.close(here.stage.web)
        await inbox.of("firing", **BACKEND_DOWN)

        dead = sorted(here.collectors)[:2]
        for where in dead:
            here.collectors[where].kill()
        for where in dead:
            await inbox.of("firing", alertname=COLLECTOR_DOWN, instance=where)
        firing = await watching.firing()

        await here.services.close(sql)
        await inbox.of("firing", path=here.stage.sql_path)
        await here.services.open(here.stage.web)
        await inbox.of("resolved", **BACKEND_DOWN)

        assert {"GatewatchDestinationDown", COLLECTOR_DOWN} <= names(firing)
        assert "GatewatchBlind" not in names(firing)
        told = [alert["status"] for _, alert in inbox.heard(**BACKEND_DOWN)]
        assert [status for status, _ in groupby(told)] == ["firing", "resolved"]
        named = {one["labels"]["instance"] for _, one in inbox.heard(alertname=COLLECTOR_DOWN)}
        assert sorted(named) == dead
