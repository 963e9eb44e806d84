"""The estate of the demo: its inventory, every host on a loopback address of its own.

High ports stand for the guide's where those need root: 4443 for 443, 5514 for 514. Each demo has a
network of its own, so that several can play at the same time.
"""

from dataclasses import dataclass
from functools import cached_property

from flows.inventory import Inventory
from flows.inventory_reading import read_inventory

ISSUER = "CN=Demo Issuing CA"

NETWORKS = tuple(f"127.{number}" for number in range(80, 100))
"""The first halves of the addresses that a demo may take."""

_INVENTORY = f"""\
migration: {{name: demo, from: "2.6", to: "2.7.1"}}
hosts:
  be-01:  {{address: NETWORK.1.11, roles: [backend, agent-handler], site: dc1,
           identity: {{https: {{issuer: "{ISSUER}"}}, grpc: {{issuer: "{ISSUER}"}}}}}}
  be-02:  {{address: NETWORK.1.12, roles: [backend], site: dc2,
           identity: {{https: {{issuer: "{ISSUER}"}}}}}}
  ah-02:  {{address: NETWORK.1.13, roles: [agent-handler], site: dc2,
           identity: {{grpc: {{issuer: "{ISSUER}"}}}}}}
  con-01: {{address: NETWORK.2.5, roles: [console], site: dc1}}
  con-02: {{address: NETWORK.2.6, roles: [console], site: dc2}}
  sql-01: {{address: NETWORK.1.20, roles: [sql-server], site: dc1,
           sql: {{port: 1433, instance: SES, browser: require}}}}
  log-01: {{address: NETWORK.1.30, roles: [syslog-server], site: dc1}}
  siem:   {{address: NETWORK.3.9, roles: [api-client], site: dc1}}
  update: {{address: NETWORK.4.1, roles: [policy-update-server]}}
  pc-001: {{address: NETWORK.9.1, roles: [agent], site: paris}}
  pc-002: {{address: NETWORK.9.2, roles: [agent], site: paris}}
  pc-003: {{address: NETWORK.9.3, roles: [agent], site: lille}}
handler_groups:
  hq:
    handlers: [be-01, ah-02]
    agents: [pc-001, pc-002]
    syslog:
      - {{server: log-01, protocol: tcp}}
      - {{server: log-01, protocol: tls}}
  west:
    handlers: [ah-02]
    agents: [pc-003]
    syslog:
      - {{server: log-01, protocol: tcp}}
      - {{server: log-01, protocol: udp, port: 5514}}
ports: {{agent: 4443, backend: 4443, policy-update: 4443}}
"""


@dataclass(frozen=True)
class Estate:
    """The estate in one network, such as `127.80`."""

    network: str = NETWORKS[0]

    @cached_property
    def text(self) -> str:
        """Its inventory, as an operator would write it."""
        return _INVENTORY.replace("NETWORK", self.network)

    @cached_property
    def inventory(self) -> Inventory:
        """Its inventory, read."""
        return read_inventory(self.text, "demo.yaml")

    @property
    def addresses(self) -> dict[str, str]:
        """Where each host is."""
        return {host.name: host.address for host in self.inventory.hosts.values()}
