"""The demo's one wiring: services, collector and probes on loopback, and the walk through them.

Collector and probes are the real programs' own parts, read from real configuration files; they run
as tasks of one process rather than as processes of their own: the estate is up in a second, needs
40 MB instead of 500, ends whole with Ctrl-C, and does the same on Windows.
"""

import asyncio
import errno
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
from gatewatch.demo.estate import NETWORKS, Estate
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
  networks: [{network}.0.0/16]
  ports: [1433, 1434, 1468, 4443, 5514, 5614, 8443, 10443, 17000]
log: {{level: warning}}
"""
_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})
"""How systems say that somebody else listens there; Windows has two ways."""


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
            services, estate = await stack.enter_async_context(_services(folder))
            url = await stack.enter_async_context(serving(_collector(folder, estate, show.port)))
            await stack.enter_async_context(_probes(folder, estate, url))
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


@asynccontextmanager
async def _services(folder: Path) -> AsyncIterator[tuple[Services, Estate]]:
    """Open the services of 2.6 in the first network that no other demo holds."""
    authority = Authority(folder)
    for network in NETWORKS:
        estate = Estate(network)
        async with Services(authority.context, estate.addresses) as services:
            try:
                await services.open(*RELEASE_2_6)
            except OSError as error:
                if error.errno in _TAKEN:
                    continue
                text = f"the demo cannot listen in {network}.0.0/16, which is loopback: {error}"
                raise GatewatchError(text) from error
            yield services, estate
            return
    first, last = NETWORKS[0], NETWORKS[-1]
    raise GatewatchError(
        f"the demo found its ports taken in every network from {first}.0.0/16 to {last}.0.0/16:"
        " end what holds them, other demos perhaps"
    )


def _collector(folder: Path, estate: Estate, port: int) -> CollectorSettings:
    (folder / "inventory.yaml").write_text(estate.text, "utf-8")
    file = folder / "collector.yaml"
    file.write_text(_COLLECTOR.format(port=port, folder=folder.as_posix()), "utf-8")
    return load_collector_settings(file)


@asynccontextmanager
async def _probes(folder: Path, estate: Estate, url: str) -> AsyncIterator[None]:
    """Run the probe of every host that has one; on leaving they hand over and end."""
    stop = asyncio.Event()
    hosts = [host for host in estate.inventory.hosts.values() if host.has_probe]
    async with asyncio.TaskGroup() as group:
        for host in hosts:
            group.create_task(work(probe_settings(folder, estate, url, host), stop))
        try:
            yield
        finally:
            stop.set()


def probe_settings(folder: Path, estate: Estate, url: str, host: Host) -> ProbeSettings:
    """Write the probe.yaml of a host, and read it as its probe does."""
    file = folder / f"{host.name}.yaml"
    text = _PROBE.format(host=host.name, url=url, address=host.address, network=estate.network)
    file.write_text(text, "utf-8")
    return load_probe_settings(file, host.name)
