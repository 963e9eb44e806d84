"""From a firewall's rule to whoever is woken: real networks, probes, Prometheus, Alertmanager."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import MEASURED

ROOT = Path(__file__).parents[2]
LATEST_REJECTED, LATEST_DROPPED = 25, 30
"""Seconds from the rule to the notification, with 5 s for check, scrape and evaluation."""

pytestmark = pytest.mark.needs("promtool", "amtool", "nft", "ip")


def played(scenario: str, folder: Path) -> dict[str, Any]:
    """Play a scenario in namespaces that end with it."""
    as_user = ["--map-root-user"] if os.geteuid() else []
    command = [sys.executable, "-m", "tests.end_to_end.watched", scenario, str(folder)]
    ran = subprocess.run(
        ["unshare", "--net", *as_user, *command], cwd=ROOT, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def in_words(kind: str, told: dict[str, Any]) -> str:
    parts = ("collector", "prometheus", "webhook")
    return f"{kind}: " + ", ".join(f"{part} {told[part]:.1f} s" for part in parts)


def test_a_broken_path_wakes_somebody_in_time_and_its_repair_ends_that(
    tmp_path: Path, record_property: Any
) -> None:
    told = played("two_paths_break", tmp_path)

    rejected, dropped = told["rejected"], told["dropped"]
    for kind, one in (("rejected", rejected), ("dropped", dropped)):
        record_property(MEASURED, in_words(kind, one))
    record_property(MEASURED, f"repaired: webhook {told['resolved']:.1f} s")
    assert told["before"] == ["GatewatchWatchdog"]
    assert rejected["webhook"] <= LATEST_REJECTED
    assert dropped["webhook"] <= LATEST_DROPPED
    assert told["metric"] == 2
    assert told["after"] == ["GatewatchWatchdog"]

    labels, annotations = rejected["alert"]["labels"], rejected["alert"]["annotations"]
    assert labels["alertname"] == "GatewatchPathBroken"
    assert labels["severity"] == "warning"
    assert labels["path"] == "console-backend:con-01>be-02:tcp/443"
    assert (labels["src_site"], labels["dst_site"]) == ("office", "dc1")
    assert labels["guide"] == "3.2, Administration console"
    assert annotations["reason"] == "rejected"
    assert annotations["page"].startswith("http://10.79.0.1:8642/path?phase=baseline&path=")
    assert dropped["alert"]["annotations"]["reason"] == "filtered"


def test_a_host_that_dies_is_one_page_and_not_forty(tmp_path: Path) -> None:
    told = played("a_host_dies", tmp_path)

    assert told["broken"] >= 30
    (page,) = told["pages"]
    (alert,) = page["alerts"]
    assert alert["labels"]["alertname"] == "GatewatchDestinationDown"
    assert alert["labels"]["host"] == "be-01"
    assert told["mails"] == []
    assert set(told["active"]) - {"GatewatchWatchdog"} == {"GatewatchDestinationDown"}
    assert {"GatewatchPathBroken", "GatewatchHandlerBroken", "GatewatchProbeSilent"} <= set(
        told["held_back"]
    )
