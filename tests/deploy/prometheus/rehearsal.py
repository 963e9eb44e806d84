"""A rehearsal of alerts: a real estate lives, its real pages are scraped, and promtool judges.

Each round takes a quarter of a minute: every source reports what it sees, twice, so that what is
new is confirmed, and Prometheus scrapes and evaluates. Absolute times are shifted to promtool's
clock, which begins at zero.
"""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from flows.outcomes import Observation, Outcome, Service
from flows.phases import Expectation, Phase
from flows.plan import Path as NetworkPath
from tests.collector.metrics.pages import page
from tests.collector.samples import (
    CONNECTED,
    GRPC,
    HTTPS,
    MSRPC,
    NOW,
    REFUSED,
    SILENT,
    TDS,
    started,
    tell,
)

RULES = sorted((Path(__file__).parents[3] / "deploy" / "prometheus" / "rules").glob("*.yml"))
GROUPS = [f"gatewatch-{file.stem}" for file in RULES]
ROUND_SECONDS = 15
SCRAPED_AFTER = 10
"""Seconds from a round's first report to its scrape."""
SHOWN = ("alertname", "severity", "path", "host", "group", "site")
ANSWERED = Observation(outcome=Outcome.ANSWERED)

INVENTORY = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  be-01: {address: 10.1.0.11, roles: [backend, agent-handler], site: dc1}
  be-02: {address: 10.1.0.12, roles: [backend], site: dc1}
  ah-02: {address: 10.1.0.13, roles: [agent-handler], site: dc1}
  con-01: {address: 10.2.0.5, roles: [console], site: office}
  con-02: {address: 10.2.0.6, roles: [console], site: office}
  con-03: {address: 10.3.0.5, roles: [console], site: plant}
  sql-01: {address: 10.1.0.20, roles: [sql-server], sql: {browser: ignore, dac: ignore}, site: dc1}
  log-01: {address: 10.1.0.30, roles: [syslog-server], site: dc1}
  pc-001: {address: 10.2.9.1, roles: [agent], site: office}
  pc-002: {address: 10.2.9.2, roles: [agent], site: office}
  pc-003: {address: 10.3.9.1, roles: [agent], site: plant}
handler_groups:
  hq:
    handlers: [be-01, ah-02]
    agents: [pc-001, pc-002, pc-003]
    syslog:
      - {server: log-01, protocol: tcp}
      - {server: log-01, protocol: udp}
options: {separate_backend_8443: ignore}
"""
_HEALTHY: Mapping[Service, Observation] = {
    Service.HTTPS: HTTPS,
    Service.GRPC: GRPC,
    Service.MSRPC: MSRPC,
    Service.TDS: TDS,
    Service.SSRP: ANSWERED,
    Service.SYSLOG: CONNECTED,
}


class Firing(NamedTuple):
    """An alert as a rehearsal expects it; what is empty must be absent."""

    alertname: str
    severity: str = "warning"
    path: str = ""
    host: str = ""
    group: str = ""
    site: str = ""

    @property
    def sample(self) -> dict[str, object]:
        """Write it as promtool reads it."""
        pairs = (f'{name}="{getattr(self, name)}"' for name in SHOWN if getattr(self, name))
        return {"labels": f"{{{','.join(pairs)}}}", "value": 1}


def _healthy(path: NetworkPath, phase: Phase) -> Observation:
    """Say what is seen of a path where all is as the phase asks."""
    if path.proto == "udp":
        return SILENT
    serving = path.expect[phase] in {Expectation.SERVE, Expectation.RETIRED}
    return _HEALTHY[path.service] if serving else REFUSED


class Rehearsal:
    """An estate in which all is well until a test says otherwise."""

    inventory = INVENTORY

    def __init__(
        self,
        phase: Phase = Phase.BASELINE,
        inventory: str = INVENTORY,
        *,
        per_agent: bool = False,
        round_seconds: int = ROUND_SECONDS,
    ) -> None:
        self.estate = started(inventory, phase=phase)
        self.seen = {
            path.id: _healthy(path, phase) for path in self.estate.plan if phase in path.expect
        }
        self.replicas = 1
        self.quiet: set[str] = set()
        """Sources whose probes say nothing."""
        self._per_agent = per_agent
        self._round = round_seconds
        self._scrapes: list[dict[str, float]] = []
        self._expected: list[dict[str, object]] = []

    @property
    def seconds(self) -> int:
        """Tell how long the rehearsal has lasted."""
        return len(self._scrapes) * self._round

    def paths(self, **ends: str) -> list[str]:
        """List the paths that are measured, with these ends."""
        known = (self.estate.plan.paths[name] for name in self.seen)
        return [
            one.id for one in known if all(getattr(one, end) == is_ for end, is_ in ends.items())
        ]

    def see(self, observation: Observation, paths: Iterable[str]) -> None:
        """Let sources see something else from now on."""
        self.seen.update(dict.fromkeys(paths, observation))

    def pass_by(self, rounds: int = 2) -> None:
        """Let rounds pass: reports, a scrape, and an evaluation each."""
        for _ in range(rounds):
            loud = {
                name: seen
                for name, seen in self.seen.items()
                if self.estate.plan.paths[name].src not in self.quiet
            }
            tell(self.estate, loud, self.seconds)
            tell(self.estate, loud, self.seconds + 5)
            text = page(self.estate, self.seconds + SCRAPED_AFTER, per_agent=self._per_agent)
            self._scrapes.append(self._samples(text))

    def pass_unscraped(self, rounds: int) -> None:
        """Let rounds pass in which no collector answers."""
        self._scrapes += [{}] * rounds

    def also(self, series: str, value: float) -> None:
        """Add a series of the collector's process to the last scrape."""
        self._scrapes[-1][series] = value

    def _samples(self, text: str) -> dict[str, float]:
        scrape: dict[str, float] = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            series, _, number = line.rpartition(" ")
            shift = NOW.timestamp() if "_timestamp_seconds" in series else 0
            for replica in range(self.replicas):
                scrape[_of_replica(series, replica)] = float(number) - shift
        return scrape

    def expect(self, *alerts: Firing) -> None:
        """Expect these alerts to fire at the end of the last round, and no other."""
        self._expect_firing('alertname!="GatewatchWatchdog"', alerts)

    def expect_of(self, names: Iterable[str], *alerts: Firing) -> None:
        """Expect these alerts to fire then, and no other of some names."""
        self._expect_firing(f'alertname=~"{"|".join(names)}"', alerts)

    def _expect_firing(self, selected: str, alerts: Iterable[Firing]) -> None:
        expression = f'group by ({",".join(SHOWN)}) (ALERTS{{alertstate="firing",{selected}}})'
        self._expect(expression, [alert.sample for alert in alerts])

    def expect_value(self, expression: str, value: float) -> None:
        """Expect an expression to have one value without labels then."""
        self._expect(expression, [{"labels": "{}", "value": value}])

    def _expect(self, expression: str, samples: list[dict[str, object]]) -> None:
        eval_time = f"{self.seconds - self._round}s"
        self._expected.append({"expr": expression, "eval_time": eval_time, "exp_samples": samples})

    def complaints(self, folder: Path, *, annotations: Iterable[object] = ()) -> str:
        """Let promtool evaluate the rules over what was scraped; empty where all is expected.

        Prometheus gives each group a turn of its own: what is expected must come of any order.
        """
        promtool = shutil.which("promtool")
        assert promtool, "a test that asks promtool is marked with needs('promtool')"
        test = {
            "interval": f"{self._round}s",
            "external_labels": {"gatewatch": "https://watch"},
            "input_series": self._series(),
            "promql_expr_test": self._expected,
            "alert_rule_test": list(annotations),
        }
        files: list[Path] = []
        for order in (GROUPS, GROUPS[::-1]):
            asked = {
                "rule_files": [str(file) for file in RULES],
                "evaluation_interval": f"{self._round}s",
                "group_eval_order": order,
                "tests": [test],
            }
            files.append(folder / f"{order[0]}-first.json")
            files[-1].write_bytes(msgspec.json.encode(asked))
        ran = subprocess.run(
            [promtool, "test", "rules", *files], capture_output=True, text=True, check=False
        )
        return "" if ran.returncode == 0 else ran.stdout + ran.stderr

    def _series(self) -> list[dict[str, str]]:
        names = sorted({name for scrape in self._scrapes for name in scrape})
        return [
            {"series": name, "values": " ".join(_values(name, self._scrapes))} for name in names
        ]


def _of_replica(series: str, replica: int) -> str:
    """Add the label that a scrape adds."""
    instance = f'instance="replica-{replica}"'
    return f"{series[:-1]},{instance}}}" if series.endswith("}") else f"{series}{{{instance}}}"


def _values(name: str, scrapes: Iterable[Mapping[str, float]]) -> Iterable[str]:
    """Write the samples of a series; where it ends it becomes stale, as Prometheus has it."""
    was_there = False
    for scrape in scrapes:
        if name in scrape:
            yield repr(scrape[name])
        else:
            yield "stale" if was_there else "_"
        was_there = name in scrape
