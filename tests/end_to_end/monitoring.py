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

from tests.end_to_end.stage import free_ports, until

DEPLOY = Path(__file__).parents[2] / "deploy"
ENDING_SECONDS = 10

Alert = dict[str, Any]
Yaml = Any


@dataclass(frozen=True, slots=True)
class Times:
    """What a test has go faster than people would bear."""

    every: str = "5s"
    """Between two scrapes and two evaluations."""
    group_wait: str = "0s"
    silent_for: str = "2m"
    """How long a probe is silent before that alerts."""
    down_for: str = "1m"
    """How long a collector is gone before that alerts."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of the monitoring listen, each as `host:port`."""

    prometheus: str
    alertmanager: str
    receiver: str

    @classmethod
    def free(cls) -> "Addresses":
        """Choose ports of loopback that are free now."""
        return cls(*(f"127.0.0.1:{port}" for port in free_ports(3)))


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
        return await self.of(status, path=path)

    async def of(self, status: str, **labels: str) -> tuple[float, Alert]:
        """Wait until somebody hears of an alert with these labels in a status."""
        while True:
            self.news.clear()
            found = next((one for one in self.heard(**labels) if one[1]["status"] == status), None)
            if found is not None:
                return found
            await self.news.wait()

    def heard(self, **labels: str) -> list[tuple[float, Alert]]:
        """List when, and what, was heard so far of alerts with these labels."""
        return [
            (at, alert)
            for at, _, body in self.notifications
            for alert in body["alerts"]
            if labels.items() <= alert["labels"].items()
        ]

    def to(self, receiver: str) -> list[Alert]:
        """List what one receiver was sent."""
        return [body for _, name, body in self.notifications if name == receiver]


@dataclass(frozen=True)
class Monitoring:
    """What watches the collector, as its operators see it."""

    inbox: Inbox
    session: aiohttp.ClientSession
    addresses: Addresses

    async def firing(self) -> list[Alert]:
        """List what fires in Prometheus."""
        answer = await self._get(f"http://{self.addresses.prometheus}/api/v1/alerts")
        found: list[Alert] = answer["data"]["alerts"]
        return [alert for alert in found if alert["state"] == "firing"]

    async def alerts(self, state: str) -> list[Alert]:
        """List what Alertmanager knows, `active` or `suppressed`."""
        every: list[Alert] = await self._get(f"http://{self.addresses.alertmanager}/api/v2/alerts")
        return [alert for alert in every if alert["status"]["state"] == state]

    async def value(self, expression: str) -> float | None:
        """Ask Prometheus for one value; None where there is none."""
        where = f"http://{self.addresses.prometheus}/api/v1/query"
        answer = await self._get(where, query=expression)
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    async def _get(self, url: str, **query: str) -> Yaml:
        async with self.session.get(url, params=query) as answer:
            return await answer.json()


@dataclass(frozen=True, slots=True)
class Targets:
    """What Prometheus scrapes, as `host:port`."""

    estate: str
    """The collector, or what balances several of them."""
    collectors: tuple[str, ...]

    @property
    def by_job(self) -> dict[str, list[str]]:
        """List the targets of each shipped job that watches Gatewatch."""
        return {"gatewatch-estate": [self.estate], "gatewatch-collector": [*self.collectors]}


def configure_prometheus(
    folder: Path, targets: Targets, addresses: Addresses, times: Times
) -> Path:
    """Write the shipped configuration and rules for this place and these times."""
    shipped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    for setting in ("scrape_interval", "scrape_timeout", "evaluation_interval"):
        shipped["global"][setting] = times.every
    shipped["global"]["external_labels"] = {"gatewatch": f"http://{targets.estate}"}
    alertmanagers = [{"targets": [addresses.alertmanager]}]
    shipped["alerting"]["alertmanagers"] = [{"static_configs": alertmanagers}]
    shipped["scrape_configs"] = [
        job | {"static_configs": [{"targets": targets.by_job[job["job_name"]]}]}
        for job in shipped["scrape_configs"]
        if job["job_name"] in targets.by_job
    ]
    rules = folder / "rules"
    rules.mkdir()
    for file in (DEPLOY / "prometheus" / "rules").glob("*.yml"):
        text = file.read_text("utf-8").replace("for: 2m", f"for: {times.silent_for}")
        text = text.replace("for: 1m", f"for: {times.down_for}")
        (rules / file.name).write_text(text, "utf-8")
    return _written(folder / "prometheus.yml", shipped)


def configure_alertmanager(folder: Path, addresses: Addresses, times: Times) -> Path:
    """Write the shipped configuration for these receivers and times."""
    shipped = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    shipped["route"] |= {"group_wait": times.group_wait, "group_interval": "1s"}
    for receiver in shipped["receivers"]:
        url = f"http://{addresses.receiver}/{receiver['name']}"
        receiver["webhook_configs"][0]["url"] = url
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
async def _receiving(inbox: Inbox, where: str) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/{receiver}", inbox.take)
    runner = web.AppRunner(app)
    await runner.setup()
    host, port = where.split(":")
    await web.TCPSite(runner, host, int(port)).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def monitoring(folder: Path, targets: Targets, times: Times) -> AsyncIterator[Monitoring]:
    """Watch one collector, or several."""
    inbox, addresses = Inbox(), Addresses.free()
    prometheus = configure_prometheus(folder, targets, addresses, times)
    alertmanager = configure_alertmanager(folder, addresses, times)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_receiving(inbox, addresses.receiver))
        await stack.enter_async_context(
            _running(
                "prometheus-alertmanager",
                f"--config.file={alertmanager}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address={addresses.alertmanager}",
                "--cluster.listen-address=",
                url=addresses.alertmanager,
            )
        )
        await stack.enter_async_context(
            _running(
                "prometheus",
                f"--config.file={prometheus}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address={addresses.prometheus}",
                url=addresses.prometheus,
            )
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Monitoring(inbox, session, addresses)


def names(alerts: Iterable[Alert]) -> set[str]:
    """Name the alerts of a list."""
    return {alert["labels"]["alertname"] for alert in alerts}
