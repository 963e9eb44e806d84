"""Prometheus, Alertmanager and whoever they wake: as shipped, but for addresses and times."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from tests.end_to_end.stage import until

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = "127.0.0.1:9090"
ALERTMANAGER = "127.0.0.1:9093"
RECEIVER = "127.0.0.1:9094"
EVERY = "5s"
"""Between two scrapes and two evaluations."""
ENDING_SECONDS = 10

Alert = dict[str, Any]
Yaml = Any


@dataclass(frozen=True, slots=True)
class Times:
    """What a test has go faster than people would bear."""

    group_wait: str = "0s"
    silent_for: str = "2m"
    """How long a probe is silent before that alerts."""


@dataclass
class Inbox:
    """What arrived at the receivers."""

    notifications: list[tuple[float, str, Alert]] = field(default_factory=list)
    """When, to whom, and what."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Take a notification."""
        now = asyncio.get_running_loop().time()
        body = await request.json()
        self.notifications.append((now, request.match_info["receiver"], body))
        self.news.set()
        return web.Response()

    async def of_path(self, path: str, status: str) -> tuple[float, Alert]:
        """Wait until somebody hears of a path in a status; tells when and what."""
        while True:
            self.news.clear()
            for at, _, body in self.notifications:
                for alert in body["alerts"]:
                    if alert["labels"].get("path") == path and alert["status"] == status:
                        return at, alert
            await self.news.wait()

    def to(self, receiver: str) -> list[Alert]:
        """List what one receiver was sent."""
        return [body for _, name, body in self.notifications if name == receiver]


@dataclass(frozen=True)
class Monitoring:
    """What watches the collector, as its operators see it."""

    inbox: Inbox
    session: aiohttp.ClientSession

    async def firing(self) -> list[Alert]:
        """List what fires in Prometheus."""
        answer = await self._get(f"http://{PROMETHEUS}/api/v1/alerts")
        found: list[Alert] = answer["data"]["alerts"]
        return [alert for alert in found if alert["state"] == "firing"]

    async def alerts(self, state: str) -> list[Alert]:
        """List what Alertmanager knows, `active` or `suppressed`."""
        every: list[Alert] = await self._get(f"http://{ALERTMANAGER}/api/v2/alerts")
        return [alert for alert in every if alert["status"]["state"] == state]

    async def value(self, expression: str) -> float | None:
        """Ask Prometheus for one value; None where there is none."""
        answer = await self._get(f"http://{PROMETHEUS}/api/v1/query", query=expression)
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    async def _get(self, url: str, **query: str) -> Yaml:
        async with self.session.get(url, params=query) as answer:
            return await answer.json()


def configure_prometheus(folder: Path, collector: str, times: Times) -> Path:
    """Write the shipped configuration and rules for this place and these times."""
    shipped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    shipped["global"] |= {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    shipped["global"] |= {"scrape_timeout": EVERY}
    shipped["global"]["external_labels"] = {"gatewatch": f"http://{collector}"}
    shipped["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [ALERTMANAGER]}]}]
    jobs = {"gatewatch-estate", "gatewatch-collector"}
    shipped["scrape_configs"] = [
        job | {"static_configs": [{"targets": [collector]}]}
        for job in shipped["scrape_configs"]
        if job["job_name"] in jobs
    ]
    rules = folder / "rules"
    rules.mkdir()
    for file in (DEPLOY / "prometheus" / "rules").glob("*.yml"):
        text = file.read_text("utf-8").replace("for: 2m", f"for: {times.silent_for}")
        (rules / file.name).write_text(text, "utf-8")
    return _written(folder / "prometheus.yml", shipped)


def configure_alertmanager(folder: Path, times: Times) -> Path:
    """Write the shipped configuration for these receivers and times."""
    shipped = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    shipped["route"] |= {"group_wait": times.group_wait, "group_interval": "1s"}
    for receiver in shipped["receivers"]:
        receiver["webhook_configs"][0]["url"] = f"http://{RECEIVER}/{receiver['name']}"
    return _written(folder / "alertmanager.yml", shipped)


def _written(file: Path, content: Yaml) -> Path:
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


@asynccontextmanager
async def _running(program: str, *options: str, url: str) -> AsyncIterator[None]:
    """Run a program until the block ends; it is there once it says that it is ready."""
    command = shutil.which(program)
    assert command, f"{program} is in tools/system-packages.txt"
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(command, *options, stdout=quiet, stderr=quiet)
    try:
        async with aiohttp.ClientSession() as session:
            await until(lambda: _is_ready(session, url))
        yield
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(ENDING_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"http://{url}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def _receiving(inbox: Inbox) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/{receiver}", inbox.take)
    runner = web.AppRunner(app)
    await runner.setup()
    host, port = RECEIVER.split(":")
    await web.TCPSite(runner, host, int(port)).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def monitoring(folder: Path, collector: str, times: Times) -> AsyncIterator[Monitoring]:
    """Watch a collector; needs fixed ports of loopback, so a network namespace of its own."""
    inbox = Inbox()
    prometheus = configure_prometheus(folder, collector, times)
    alertmanager = configure_alertmanager(folder, times)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_receiving(inbox))
        await stack.enter_async_context(
            _running(
                "prometheus-alertmanager",
                f"--config.file={alertmanager}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address={ALERTMANAGER}",
                "--cluster.listen-address=",
                url=ALERTMANAGER,
            )
        )
        await stack.enter_async_context(
            _running(
                "prometheus",
                f"--config.file={prometheus}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address={PROMETHEUS}",
                url=PROMETHEUS,
            )
        )
        yield Monitoring(inbox, await stack.enter_async_context(aiohttp.ClientSession()))


def names(alerts: Iterable[Alert]) -> set[str]:
    """Name the alerts of a list."""
    return {alert["labels"]["alertname"] for alert in alerts}
