"""The demo's one wiring: services, collector and probes on loopback, and the walk through them.

Collector and probes are the real programs' own parts, read from real configuration files; they run
as tasks of one process rather than as processes of their own: the estate is up in a second, needs
40 MB instead of 500, ends whole with Ctrl-C, and does the same on Windows.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.program import serving
from collector.settings import Settings as CollectorSettings
from collector.settings_reading import load_settings as load_collector_settings
from flows.errors import GatewatchError
from flows.hosts import Host
from gatewatch.api_client import Connection, open_api
from gatewatch.demo.certificates import Authority
from gatewatch.demo.estate import INVENTORY, inventory
from gatewatch.demo.onlooker import Proceed, say
from gatewatch.demo.operator import ApiOperator
from gatewatch.demo.services import Services
from gatewatch.demo.walk import RELEASE_2_6, Stage, Walk
from probe.program import work
from probe.settings import Settings as ProbeSettings
from probe.settings_reading import load_settings as load_probe_settings

_COLLECTOR = """\
listen: 127.0.0.1:{port}
inventory: inventory.yaml
store: sqlite:///{folder}/gatewatch.db
timing: {{interval: 2s, agent_interval: 2s, deadline: 1s, deadline_windows: 3s, stale_after: 5}}
log: {{level: warning}}
"""
_PROBE = """\
host: {host}
collector: [{url}]
data: {host}
source_address: {{ipv4: {address}}}
allow:
  networks: [127.80.0.0/16]
  ports: [1433, 1434, 1468, 4443, 5514, 5614, 8443, 10443, 17000]
log: {{level: warning}}
"""


@dataclass(frozen=True, slots=True)
class Show:
    """How the demo is played."""

    port: int
    """Of the page and the API; 0 takes a free one."""
    proceed: Proceed
    linger: bool
    """Stay at the end, so that the page can be looked at."""


async def play(show: Show) -> bool:
    """Play the demo once; returns whether every gate was as scripted."""
    try:
        return await _play(show)
    except* GatewatchError as errors:
        raise first_of(errors) from None


async def _play(show: Show) -> bool:
    with TemporaryDirectory(prefix="gatewatch-demo-") as name:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(Services(Authority(folder).context))
            await _open_old_release(services)
            url = await stack.enter_async_context(serving(_collector(folder, show.port)))
            await stack.enter_async_context(_probes(folder, url))
            api = await stack.enter_async_context(open_api(Connection(url)))
            say(f"The estate is up. Watch it at {url}/")
            walk = Walk(Stage(services, ApiOperator(api), say, show.proceed))
            as_scripted = await walk.walk()
            if show.linger:
                say(f"The walk is over. The page stays at {url}/ until Ctrl-C.")
                await asyncio.Event().wait()
            return as_scripted


def first_of(errors: BaseExceptionGroup[GatewatchError]) -> GatewatchError:
    """Take the first sentence out of what tasks raised together."""
    first = errors.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


async def _open_old_release(services: Services) -> None:
    try:
        await services.open(*RELEASE_2_6)
    except OSError as error:
        raise GatewatchError(
            f"the demo cannot listen on its loopback addresses 127.80.0.0/16: {error};"
            " end what holds the port, another demo perhaps"
        ) from error


def _collector(folder: Path, port: int) -> CollectorSettings:
    (folder / "inventory.yaml").write_text(INVENTORY, "utf-8")
    file = folder / "collector.yaml"
    file.write_text(_COLLECTOR.format(port=port, folder=folder.as_posix()), "utf-8")
    return load_collector_settings(file)


@asynccontextmanager
async def _probes(folder: Path, url: str) -> AsyncIterator[None]:
    """Run the probe of every host that has one; on leaving they hand over and end."""
    stop = asyncio.Event()
    hosts = [host for host in inventory().hosts.values() if host.has_probe]
    async with asyncio.TaskGroup() as group:
        for host in hosts:
            group.create_task(work(_probe(folder, url, host), stop))
        try:
            yield
        finally:
            stop.set()


def _probe(folder: Path, url: str, host: Host) -> ProbeSettings:
    file = folder / f"{host.name}.yaml"
    file.write_text(_PROBE.format(host=host.name, url=url, address=host.address), "utf-8")
    return load_probe_settings(file, host.name)
