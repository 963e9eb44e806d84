"""Who is told, and what is held back: asked of a real Alertmanager, configured as shipped."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.stage import free_ports

FILE = Path(__file__).parents[3] / "deploy" / "alertmanager" / "alertmanager.yml"
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.needs("amtool")
Labels = dict[str, str]

PATH = {
    "path": "console-backend:con-01>be-01:tcp/443",
    "flow": "console-backend",
    "src": "con-01",
    "dst": "be-01",
    "proto": "tcp",
    "port": "443",
    "src_site": "office",
    "dst_site": "dc1",
}
UDP = PATH | {
    "path": "syslog-udp:ah-01>log-01:udp/514",
    "src": "ah-01",
    "dst": "log-01",
    "proto": "udp",
}
AGENTS = {"group": "hq", "src_site": "office", "dst": "be-01", "dst_site": "dc1", "flow": "agent"}
ON_BE_01 = {"host": "be-01", "site": "dc1"}


def an(alertname: str, severity: str = "warning", **labels: str) -> Labels:
    return {"alertname": f"Gatewatch{alertname}", "severity": severity, **labels}


BROKEN = an("PathBroken", **PATH)
HANDLER = an("HandlerBroken", **AGENTS, **ON_BE_01)
DOWN = an("DestinationDown", "critical", dst="be-01", dst_site="dc1", **ON_BE_01)
CUT_OFF = an(
    "SourceCutOff", "critical", src="con-01", src_site="office", host="con-01", site="office"
)
SITE_CUT_OFF = an("SiteCutOff", "critical", src_site="office", site="office")
UNREACHABLE = an("SiteUnreachable", "critical", dst_site="dc1", site="dc1")
SITE_SILENT = an("SiteSilent", "critical", src_site="dc1", site="dc1")
PROBE = an("ProbeSilent", src="be-01", src_site="dc1", **ON_BE_01)
DOUBT = an("PathInDoubt", **(PATH | {"src": "be-01", "src_site": "dc1"}), **ON_BE_01)
EARLY = an("ClosedTooEarly", "critical", **PATH)
EARLY_FOR_AGENTS = an("ClosedTooEarly", "critical", **AGENTS, **ON_BE_01)
LOSS = an("SyslogLoss", "critical", **UDP)
AGENTS_CUT_OFF = an("AgentsCutOff", "critical", group="hq", src_site="office", site="office")
GATE = an("GateLost", phase="prepare", gate="start")
BLIND = an("Blind", "critical")
FLAPPING = an("Flapping", **PATH)

HELD_BACK = [
    (an("PathBroken", "critical", **PATH), BROKEN),
    (
        an("AgentsCutOff", "critical", group="hq", src_site="office"),
        an("AgentsCutOff", group="hq", src_site="office"),
    ),
    (DOWN, BROKEN),
    (DOWN, an("PathBroken", "critical", **PATH)),
    (DOWN, HANDLER),
    (DOWN, PROBE),
    (DOWN, DOUBT),
    (DOWN, EARLY),
    (an("DestinationDown", "critical", dst="log-01"), LOSS),
    (an("SourceCutOff", "critical", src="ah-01"), LOSS),
    (CUT_OFF, BROKEN),
    (SITE_CUT_OFF, BROKEN),
    (SITE_CUT_OFF, HANDLER),
    (SITE_CUT_OFF, AGENTS_CUT_OFF),
    (SITE_CUT_OFF, CUT_OFF),
    (UNREACHABLE, BROKEN),
    (UNREACHABLE, DOWN),
    (UNREACHABLE, PROBE),
    (UNREACHABLE, SITE_SILENT),
    (SITE_SILENT, PROBE),
    (SITE_SILENT, DOUBT),
    (HANDLER, PROBE),
    (PROBE, DOUBT),
    (EARLY, BROKEN),
    (EARLY_FOR_AGENTS, HANDLER),
    (AGENTS_CUT_OFF, HANDLER),
    (an("SyslogLoss", **PATH), BROKEN),
    (BROKEN, FLAPPING),
    (BROKEN, GATE),
    (PROBE, GATE),
    (BLIND, an("CollectorDown", instance="a:8642")),
]
"""What holds what back."""

TOLD = [
    (BROKEN, an("PathBroken", **(PATH | {"path": "other", "dst": "be-02"}))),
    (DOWN, an("PathBroken", **(PATH | {"dst": "be-02"}))),
    (DOWN, an("ProbeSilent", host="be-02", site="dc1")),
    (DOWN, an("SyslogLoss", "critical", **PATH)),
    (CUT_OFF, an("PathBroken", **(PATH | {"src": "con-02"}))),
    (SITE_CUT_OFF, an("PathBroken", **(PATH | {"src_site": "plant"}))),
    (BROKEN, DOWN),
    (PROBE, BROKEN),
    (PROBE, DOWN),
    (HANDLER, AGENTS_CUT_OFF),
    (EARLY, HANDLER),
    (BLIND, BROKEN),
    (GATE, BROKEN),
    (DOWN, an("CertificateExpires", dst="be-01", port="443")),
]
"""What is told beside it all the same."""

ROUTES = [
    (BROKEN, "desk"),
    (an("PathBroken", "critical", **PATH), "pager"),
    (DOWN, "pager"),
    (GATE, "desk"),
    (an("Watchdog", "none"), "dead-man-switch"),
]


class Alertmanager:
    """One that runs; each case has an estate of its own, so that cases do not meet."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._estates = count()

    def holds_back(self, cause: Labels, effect: Labels) -> bool:
        """Send two alerts, and tell whether the second is held back by the first.

        Alertmanager takes causes in one after the other, a little later than it says so: once it
        holds back what a later one of another estate explains, it knows this one too.
        """
        here, elsewhere = self._estate(), self._estate()
        self._send(cause | here, effect | here)
        self._send(BROKEN | elsewhere | {"severity": "critical"}, BROKEN | elsewhere)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_held_back(BROKEN | elsewhere):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self._is_held_back(effect | here)

    def _estate(self) -> Labels:
        return {"gatewatch": f"https://{next(self._estates)}.example"}

    def _is_held_back(self, alert: Labels) -> bool:
        (state,) = (one["status"]["state"] for one in self._call() if one["labels"] == alert)
        return bool(state == "suppressed")

    def _send(self, *alerts: Labels) -> None:
        self._call([{"labels": one} for one in alerts])

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready") as answer:
                return bool(answer.status == 200)
        except urllib.error.URLError:
            return False

    def _call(self, body: object = None) -> Any:
        request = urllib.request.Request(f"{self._url}/api/v2/alerts")
        request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data) as answer:
            return json.loads(answer.read() or "null")


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """Run it as shipped, but for receivers that are nowhere: nobody hears of these alerts."""
    folder = tmp_path_factory.mktemp("alertmanager")
    shipped = yaml.safe_load(FILE.read_text("utf-8"))
    shipped["receivers"] = [{"name": one["name"]} for one in shipped["receivers"]]
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(shipped), "utf-8")
    program = shutil.which("prometheus-alertmanager")
    assert program
    (port,) = free_ports(1)
    command = [
        program,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        made = Alertmanager(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not made.is_ready():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield made
        process.terminate()


def named(pair: tuple[Labels, Labels]) -> str:
    return "-".join(one["alertname"].removeprefix("Gatewatch") for one in pair)


@pytest.mark.parametrize("pair", HELD_BACK, ids=named)
def test_a_cause_holds_back_what_follows_from_it(
    alertmanager: Alertmanager, pair: tuple[Labels, Labels]
) -> None:
    assert alertmanager.holds_back(*pair)


@pytest.mark.parametrize("pair", TOLD, ids=named)
def test_what_does_not_follow_from_it_is_told(
    alertmanager: Alertmanager, pair: tuple[Labels, Labels]
) -> None:
    assert not alertmanager.holds_back(*pair)


def amtool(*words: str) -> str:
    program = shutil.which("amtool")
    assert program
    ran = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("alert", "receiver"), ROUTES)
def test_an_alert_reaches_whom_its_severity_wakes(alert: Labels, receiver: str) -> None:
    words = [f"{name}={value}" for name, value in alert.items()]

    assert amtool("config", "routes", "test", f"--config.file={FILE}", *words).strip() == receiver


def test_amtool_takes_the_configuration() -> None:
    assert "SUCCESS" in amtool("check-config", str(FILE))


def test_only_alerts_that_rules_have_are_named() -> None:
    rules = (FILE.parents[1] / "prometheus" / "rules").glob("*.yml")
    groups = [group for file in rules for group in yaml.safe_load(file.read_text())["groups"]]
    known = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    inhibitions = yaml.safe_load(FILE.read_text("utf-8"))["inhibit_rules"]

    matchers = [
        text
        for rule in inhibitions
        for text in (*rule["source_matchers"], *rule["target_matchers"])
        if text.startswith("alertname =") and ".+" not in text and ".*" not in text
    ]
    named_there = {
        name.strip() for text in matchers for name in text.split("=")[1].strip('~ "').split("|")
    }

    assert len(matchers) > 20
    assert named_there - known == set()
