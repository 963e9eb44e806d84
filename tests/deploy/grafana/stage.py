"""An estate to which all happens that a dashboard can show, and a Prometheus that watched."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import msgspec
from trustme import CA

from flows.messages import ProbeState, to_json
from flows.outcomes import Certificate, Observation, StageTimes
from tests.collector.processes import running
from tests.collector.samples import (
    CONNECTED,
    FILTERED,
    GRPC,
    HTTPS,
    MSRPC,
    REFUSED,
    REJECTED,
    TDS,
    result_of,
)
from tests.collector.serving import a_report
from tests.deploy.prometheus_server import Prometheus, scraping

INVENTORY = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  be-01: {address: 10.1.0.11, roles: [backend, agent-handler], site: dc1}
  be-02: {address: 10.1.0.12, roles: [backend], site: dc1}
  ah-02: {address: 10.1.0.13, roles: [agent-handler], site: dc1}
  con-01: {address: 10.2.0.5, roles: [console], site: office}
  con-02: {address: 10.2.0.6, roles: [console]}
  sql-01: {address: 10.1.0.20, roles: [sql-server]}
  log-01: {address: 10.1.0.30, roles: [syslog-server]}
  pc-001: {address: 10.9.0.1, roles: [agent], site: office}
  pc-002: {address: 10.9.0.2, roles: [agent], site: office}
  pc-003: {address: 10.9.0.3, roles: [agent], site: office}
  pc-004: {address: 10.9.0.4, roles: [agent]}
handler_groups:
  hq:
    handlers: [be-01, ah-02]
    agents: [pc-001, pc-002, pc-003, pc-004]
    syslog: [{server: log-01, protocol: tcp}]
waivers:
  - {path: "sql-dac:be-01>*", reason: "off by policy", until: 2099-12-31}
"""
SEEN_HTTPS = msgspec.structs.replace(
    HTTPS,
    rtt_seconds=0.0004,
    stages=StageTimes(connect=0.0019),
    certificate=Certificate(
        der=PEM_cert_to_DER_cert(CA().issue_cert("be").cert_chain_pems[0].bytes().decode()),
        sha256="ab12",
    ),
)
WELL = {
    "console-backend": SEEN_HTTPS,
    "handler-backend": SEEN_HTTPS,
    "sql": TDS,
    "syslog-tcp": CONNECTED,
    "agent-legacy": MSRPC,
    "agent": GRPC,
}
"""What each flow shows while all is well; the others are never measured."""
WORKING = "console-backend:con-01>be-01:tcp/443"
BROKEN = "console-backend:con-01>be-02:tcp/443"
WAIVED = "console-backend:con-02>be-02:tcp/443"
ATTESTED = "console-backend:con-01>be-01:tcp/8443"
PENDING = "console-backend:con-02>be-01:tcp/8443"
LOSING = "syslog-tcp:ah-02>log-01:tcp/1468"
UNHEARD = "pc-004"
AILING = ProbeState(version="0.1.0", loop_lag=0.2, spooled=7, late=3, dropped=1, durable=False)

Body = Any
"""What JSON gives."""


@dataclass
class Operator:
    """Calls a collector, as probes and operators do."""

    url: str
    seqs: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, where: str, body: object = None) -> Body:
        """Call the API; what it refuses is an HTTPError."""
        data = None if body is None else to_json(body)
        request = Request(f"{self.url}/api/v1/{where}", data=data, method=method)
        with urlopen(request) as answer:
            content = answer.read()
        return msgspec.json.decode(content) if content else None

    def tell(
        self, seen: Mapping[str, Observation], ago: float, probe: ProbeState | None = None
    ) -> None:
        """Let the sources report this twice, five seconds apart, so that it is confirmed."""
        sources: dict[str, dict[str, Observation]] = {}
        for path, observation in seen.items():
            source = path.partition(":")[2].partition(">")[0]
            sources.setdefault(source, {})[path] = observation
        for seconds in (ago, ago - 5):
            moment = datetime.now(UTC) - timedelta(seconds=seconds)
            for host, paths in sources.items():
                self._report(host, paths, moment, probe)

    def _report(
        self,
        host: str,
        paths: Mapping[str, Observation],
        moment: datetime,
        probe: ProbeState | None,
    ) -> None:
        results = [
            result_of(self.call("GET", f"path?path={quote(path)}")["check"], observation, moment)
            for path, observation in paths.items()
        ]
        self.seqs[host] = self.seqs.get(host, 0) + 1
        report = a_report(host, results, datetime.now(UTC), host, self.seqs[host])
        if probe is not None:
            report = msgspec.structs.replace(report, probe=probe)
        self.call("POST", "reports", report)

    def all_is_well(self, phase: str) -> dict[str, Observation]:
        """What is seen of the paths of a phase while nothing is wrong."""
        flows = {row["path"]: row["flow"] for row in self.call("GET", f"plan?phase={phase}")}
        return {
            path: WELL[flow] for path, flow in flows.items() if flow in WELL and UNHEARD not in path
        }


@contextmanager
def watched(folder: Path) -> Iterator[Prometheus]:
    """Play it all before a Prometheus, which scrapes each second; gives it when it saw the end."""
    (folder / "inventory.yaml").write_text(INVENTORY, "utf-8")
    config = folder / "collector.yaml"
    config.write_text(f"listen: 127.0.0.1:0\nstore: sqlite://{folder}/gatewatch.db\n", "utf-8")
    with running(config) as (_, url), scraping(url.partition("//")[2], folder) as prometheus:
        play(Operator(url), prometheus)
        yield prometheus


def play(operator: Operator, prometheus: Prometheus) -> None:
    """All is well, the next phase begins, and things go wrong."""
    with suppress(HTTPError):
        operator.call("GET", "path?path=nowhere")
    prometheus.until('gatewatch_phase_ready{phase="baseline"} == 0')
    operator.tell(operator.all_is_well("baseline"), 12, AILING)
    prometheus.until('gatewatch_phase_ready{phase="baseline"} == 1')

    operator.call("PUT", "phase", {"phase": "prepare", "force": True, "reason": "a test"})
    until = "2099-12-31"
    operator.call("POST", "waivers", {"path": WAIVED, "reason": "known", "until": until})
    operator.call("POST", "attestations", {"path": ATTESTED, "evidence": "seen", "until": until})
    operator.tell(
        {
            WORKING: SEEN_HTTPS,
            BROKEN: REJECTED,
            WAIVED: REFUSED,
            ATTESTED: FILTERED,
            PENDING: REJECTED,
            LOSING: REFUSED,
            "agent-legacy:pc-002>ah-02:tcp/17000": REFUSED,
            "agent-legacy:pc-003>ah-02:tcp/17000": REFUSED,
            "agent-legacy:pc-003>be-01:tcp/17000": REFUSED,
        },
        6,
    )
    prometheus.until('gatewatch_phase_ready{phase="baseline"} == 0')
    prometheus.until('ALERTS{alertname="GatewatchPathBroken",alertstate="firing"}')
    for histogram in ("flow_connect", "collector_store", "collector_scrape"):
        prometheus.until(f"rate(gatewatch_{histogram}_seconds_count[1m]) > 0")
