"""Both programs do their work with no more than their units give them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.collector.processes import ROOT
from tests.deploy.prometheus_server import wait_for

SERVING = re.compile(r"serving on (\S+)")
UNITS = ROOT / "deploy" / "systemd"
INVENTORY = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  be-01: {address: 127.0.0.1, roles: [backend]}
  con-01: {address: 127.0.0.1, roles: [console]}
ports: {backend: 9}
options: {separate_backend_8443: ignore}
"""


def command(unit: str, *words: str) -> list[str]:
    confined = [sys.executable, "-m", "tests.deploy.systemd.confined", str(UNITS / unit)]
    return [*confined, sys.executable, *words]


@contextmanager
def running(unit: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of our programs as its unit does."""
    ours = command(unit, "-m", "gatewatch", *words)
    with subprocess.Popen(ours, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.needs("systemd-analyze")
def test_what_the_filter_forbids_is_forbidden() -> None:
    """Whoever may do it needs no capability: so it is the filter that says no."""
    tries = "import os; os.setpriority(os.PRIO_PROCESS, 0, 5)"
    forbidden = command("gatewatch-probe.service", "-c", tries)

    ran = subprocess.run(forbidden, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.stderr.splitlines()[-1] == "PermissionError: [Errno 1] Operation not permitted"


@pytest.mark.needs("systemd-analyze")
def test_a_confined_probe_measures_for_a_confined_collector(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(INVENTORY, "utf-8")
    (tmp_path / "collector.yaml").write_text(
        f"listen: 127.0.0.1:0\nstore: sqlite://{tmp_path}/g.db\ntiming: {{interval: 1s}}\n", "utf-8"
    )
    words = ("collector", "-c", f"{tmp_path}/collector.yaml")
    with running("gatewatch-collector.service", *words) as collector:
        assert collector.stderr
        url = next(found[1] for line in collector.stderr if (found := SERVING.search(line)))
        (tmp_path / "probe.yaml").write_text(
            f"host: con-01\ncollector: [{url}]\ndata: {tmp_path}\n"
            "allow: {networks: [127.0.0.0/8], ports: [9]}\n",
            "utf-8",
        )
        words = ("probe", "-c", f"{tmp_path}/probe.yaml")
        with running("gatewatch-probe.service", *words) as probe:
            wait_for(lambda: outcomes(url) == {"refused"}, "the path to be measured")
            probe.terminate()
            assert probe.wait(10) == 0
        with urlopen(f"{url}/metrics/self") as answer:
            told = answer.read().decode()
        collector.terminate()
        assert collector.wait(10) == 0

    [began] = re.findall(r"^process_start_time_seconds (\S+)", told, re.MULTILINE)
    assert float(began) > 1e9


def outcomes(url: str) -> set[str]:
    with urlopen(f"{url}/api/v1/matrix") as answer:
        return {row["outcome"] for row in json.load(answer)["rows"]}
