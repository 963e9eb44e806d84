"""A small estate on loopback, and all of it real: services, probes, collector, command line."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from collector.program import serving
from collector.settings_reading import load_settings as load_collector_settings
from flows.inventory_reading import read_inventory
from gatewatch.demo.certificates import Authority
from gatewatch.demo.estate import ISSUER
from gatewatch.demo.services import Kind, Post, Services
from probe.program import work
from probe.settings_reading import load_settings as load_probe_settings
from tests.gatewatch.running import operate

NETWORK = "127.76"
INVENTORY = f"""\
migration: {{name: small, from: "2.6", to: "2.7.1"}}
hosts:
  be-01:  {{address: {NETWORK}.1.11, roles: [backend], site: dc1,
           identity: {{https: {{issuer: "{ISSUER}"}}}}}}
  ah-01:  {{address: {NETWORK}.1.12, roles: [agent-handler], site: dc1}}
  con-01: {{address: {NETWORK}.2.5, roles: [console], site: office}}
  sql-01: {{address: {NETWORK}.1.20, roles: [sql-server],
           sql: {{port: SQL, browser: ignore, dac: ignore}}}}
  pc-001: {{address: {NETWORK}.9.1, roles: [agent], site: office}}
ports: {{agent: AGENT, agent-legacy: LEGACY, backend: BACKEND}}
options: {{separate_backend_8443: ignore}}
"""
COLLECTOR = """\
listen: 127.0.0.1:{port}
inventory: inventory.yaml
store: sqlite:///{folder}/gatewatch.db
timing: {{interval: 1s, agent_interval: 1s, deadline: 2s, stale_after: 60}}
log: {{level: warning}}
"""
PROBE = """\
host: {host}
collector: [http://127.0.0.1:{port}]
data: {host}
source_address: {{ipv4: {address}}}
allow: {{networks: [{network}.0.0/16], ports: [{ports}]}}
log: {{level: warning}}
"""
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05

Row = dict[str, Any]


def free_ports(count: int) -> list[int]:
    """Find ports that are free now, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


async def until(ask: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; fails where it takes too long."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await ask():
                return
            await asyncio.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Collector:
    """A collector that serves, as its operators and Prometheus see it."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, call: str, **query: str) -> Any:
        """Ask the API."""
        async with self.session.get(f"{self.url}/api/v1/{call}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def row(self, path: str) -> Row:
        """Find a path in the matrix of the phase that holds."""
        rows: list[Row] = (await self.get("matrix"))["rows"]
        return next(row for row in rows if row["path"] == path)

    async def events_of(self, path: str) -> list[Row]:
        """List what happened to a path, the oldest first."""
        events: list[Row] = await self.get("events", limit="1000")
        return sorted((one for one in events if one["subject"] == path), key=lambda one: one["id"])

    async def metrics(self) -> str:
        """Scrape it."""
        async with self.session.get(f"{self.url}/metrics") as answer:
            return await answer.text()

    async def run(self, *words: str) -> int:
        """Run a command of the operator; returns its exit code."""
        return await operate(self.url, *words)

    async def becomes(self, path: str, verdict: str) -> Row:
        """Wait until a path is judged so, and nothing is suspected of it."""

        async def is_so() -> bool:
            row = await self.row(path)
            return row["verdict"] == verdict and not row["suspect"]

        await until(is_so)
        return await self.row(path)


class Stage:
    """The estate in a folder; what is opened in it is closed by who opened it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backend, self.legacy, self.agent, self.sql, self.port = free_ports(5)
        text = INVENTORY
        for name, port in (
            ("SQL", self.sql),
            ("AGENT", self.agent),
            ("LEGACY", self.legacy),
            ("BACKEND", self.backend),
        ):
            text = text.replace(f": {name}", f": {port}")
        (folder / "inventory.yaml").write_text(text, "utf-8")
        self.inventory = read_inventory(text, "inventory.yaml")
        self.web = Post(Kind.WEB, "be-01", self.backend)
        self.services_2_6 = (
            self.web,
            Post(Kind.LEGACY, "ah-01", self.legacy),
            Post(Kind.SQL, "sql-01", self.sql),
        )
        self.console_path = f"console-backend:con-01>be-01:tcp/{self.backend}"
        self.sql_path = f"sql:be-01>sql-01:tcp/{self.sql}"

    def address_of(self, host: str) -> str:
        """Look up where a host is."""
        return self.inventory.hosts[host].address

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """Open what listens in 2.6."""
        addresses = {host.name: host.address for host in self.inventory.hosts.values()}
        async with Services(Authority(self.folder).context, addresses) as services:
            await services.open(*self.services_2_6)
            yield services

    @asynccontextmanager
    async def collector(self) -> AsyncIterator[Collector]:
        """Serve as `gatewatch collector` does, always on the same port and store."""
        file = self.folder / "collector.yaml"
        file.write_text(COLLECTOR.format(port=self.port, folder=self.folder.as_posix()), "utf-8")
        settings = load_collector_settings(file)
        async with serving(settings) as url, aiohttp.ClientSession() as session:
            yield Collector(url, session)

    @asynccontextmanager
    async def probes(self) -> AsyncIterator[None]:
        """Run the probe of each host, as `gatewatch probe` does."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for host in self.inventory.hosts.values():
                if host.has_probe:
                    file = self.folder / f"{host.name}.yaml"
                    file.write_text(self._probe_yaml(host.name, host.address), "utf-8")
                    group.create_task(work(load_probe_settings(file, host.name), stop))
            try:
                yield
            finally:
                stop.set()

    def _probe_yaml(self, host: str, address: str) -> str:
        ports = json.dumps([self.backend, self.legacy, self.agent, self.sql]).strip("[]")
        return PROBE.format(
            host=host, port=self.port, address=address, network=NETWORK, ports=ports
        )
