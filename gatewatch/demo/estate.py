"""The estate of the demo: its inventory, every host on a loopback address of its own.

High ports stand for the guide's where those need root: 4443 for 443, 5514 for 514.
"""

from flows.inventory import Inventory
from flows.inventory_reading import read_inventory

ISSUER = "CN=Demo Issuing CA"

INVENTORY = f"""\
migration: {{name: demo, from: "2.6", to: "2.7.1"}}
hosts:
  be-01:  {{address: 127.80.1.11, roles: [backend, agent-handler], site: dc1,
           identity: {{https: {{issuer: "{ISSUER}"}}, grpc: {{issuer: "{ISSUER}"}}}}}}
  be-02:  {{address: 127.80.1.12, roles: [backend], site: dc2,
           identity: {{https: {{issuer: "{ISSUER}"}}}}}}
  ah-02:  {{address: 127.80.1.13, roles: [agent-handler], site: dc2,
           identity: {{grpc: {{issuer: "{ISSUER}"}}}}}}
  con-01: {{address: 127.80.2.5, roles: [console], site: dc1}}
  con-02: {{address: 127.80.2.6, roles: [console], site: dc2}}
  sql-01: {{address: 127.80.1.20, roles: [sql-server], site: dc1,
           sql: {{port: 1433, instance: SES, browser: require}}}}
  log-01: {{address: 127.80.1.30, roles: [syslog-server], site: dc1}}
  siem:   {{address: 127.80.3.9, roles: [api-client], site: dc1}}
  update: {{address: 127.80.4.1, roles: [policy-update-server]}}
  pc-001: {{address: 127.80.9.1, roles: [agent], site: paris}}
  pc-002: {{address: 127.80.9.2, roles: [agent], site: paris}}
  pc-003: {{address: 127.80.9.3, roles: [agent], site: lille}}
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


def inventory() -> Inventory:
    """Read the demo's inventory."""
    return read_inventory(INVENTORY, "demo.yaml")
