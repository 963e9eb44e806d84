"""An estate in network namespaces: an office, a data centre and one machine, around a router.

    office 10.79.1.0/24 ---.
    data centre 10.79.2.0/24 --- router 10.79.0.1: collector, Prometheus, Alertmanager
    be-01 10.79.3.11 ------'

The hosts of a street are addresses of its namespace; their services and probes live in one process.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.end_to_end.neighbourhood import OPEN
from tests.lab.namespaces import Namespace, current, new

ROUTER = "10.79.0.1"
PORT = 8642
URL = f"http://{ROUTER}:{PORT}"
ENDING_SECONDS = 10
Home = subprocess.Popen[bytes]
_HEAD = """\
migration: {name: streets, from: "2.6", to: "2.7.1"}
options: {separate_backend_8443: ignore}
hosts:
  be-01:  {address: 10.79.3.11, roles: [backend, agent-handler], site: dc2}
  be-02:  {address: 10.79.2.12, roles: [backend], site: dc1}
  ah-02:  {address: 10.79.2.13, roles: [agent-handler], site: dc1}
  sql-01: {address: 10.79.2.20, roles: [sql-server], sql: {browser: ignore, dac: ignore}, site: dc1}
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many hosts the office has."""

    consoles: int
    agents: int

    @property
    def office(self) -> dict[str, tuple[str, str]]:
        """Name its hosts, each with address and role."""
        consoles = {
            f"con-{number:02}": (f"10.79.1.{10 + number}", "console")
            for number in range(1, self.consoles + 1)
        }
        agents = {
            f"pc-{number:03}": (f"10.79.1.{100 + number}", "agent")
            for number in range(1, self.agents + 1)
        }
        return consoles | agents

    @property
    def inventory(self) -> str:
        """Write the inventory of the estate."""
        rows = (
            f"  {name}: {{address: {address}, roles: [{role}], site: office}}\n"
            for name, (address, role) in self.office.items()
        )
        return _HEAD + "".join(rows)

    @property
    def addresses(self) -> dict[str, dict[str, str]]:
        """List the addresses of each street's hosts."""
        return {
            "office": {name: address for name, (address, _) in self.office.items()},
            "dc1": {"be-02": "10.79.2.12", "ah-02": "10.79.2.13", "sql-01": "10.79.2.20"},
            "dc2": {"be-01": "10.79.3.11"},
        }


class Streets:
    """The namespaces; this process is where the router is."""

    def __init__(self, size: Size, folder: Path) -> None:
        self._folder = folder
        self._addresses = size.addresses
        self._router = current()
        self._streets: dict[str, Namespace] = {}
        self._router.ip(f"link set lo up\naddr add {ROUTER}/32 dev lo")
        self._router.set(ipv4__ip_forward="1", ipv4__icmp_ratemask="0")
        for number, (name, hosts) in enumerate(self._addresses.items(), 1):
            self._streets[name] = self._street(name, number, hosts.values())

    def _street(self, name: str, number: int, addresses: Iterable[str]) -> Namespace:
        street = new()
        street.ip(f"link add eth0 type veth peer name {name} netns {self._router.path}")
        gateway = f"10.79.{number}.1"
        self._router.ip(f"link set {name} up\naddr add {gateway}/24 dev {name}")
        given = "\n".join(f"addr add {address}/24 dev eth0" for address in addresses)
        street.ip(f"link set lo up\nlink set eth0 up\n{given}\nroute add default via {gateway}")
        return street

    def filter(self, *rules: str) -> None:
        """Put rules for what the router forwards in force, in place of all earlier ones."""
        lines = "\n".join(("type filter hook forward priority 0;", *rules))
        self._router.nft(f"table ip streets {{\nchain forward {{\n{lines}\n}}\n}}")

    def unplug(self, street: str) -> None:
        """Take a street off the network, and let all else run."""
        self._streets[street].ip("link set eth0 down")

    @contextmanager
    def inhabited(self) -> Iterator[None]:
        """Let services of all streets live, then their probes: nothing is broken at first."""
        with ExitStack() as stack:
            homes = [
                stack.enter_context(self._neighbourhood(name, hosts))
                for name, hosts in self._addresses.items()
            ]
            for home in homes:
                assert _output(home).readline() == OPEN
            for home in homes:
                _input(home).write(b"\n")
                _input(home).flush()
            yield

    @contextmanager
    def _neighbourhood(self, name: str, hosts: dict[str, str]) -> Iterator[Home]:
        folder = self._folder / name
        folder.mkdir()
        command = [sys.executable, "-m", "tests.end_to_end.neighbourhood", json.dumps(hosts)]
        pipe = subprocess.PIPE
        with self._streets[name].entered():  # a child begins where its parent's thread is
            home = subprocess.Popen([*command, str(folder)], stdin=pipe, stdout=pipe)
        try:
            yield home
        finally:
            try:
                home.communicate(timeout=ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                home.kill()
                home.communicate()


def _output(home: Home) -> IO[bytes]:
    assert home.stdout
    return home.stdout


def _input(home: Home) -> IO[bytes]:
    assert home.stdin
    return home.stdin
