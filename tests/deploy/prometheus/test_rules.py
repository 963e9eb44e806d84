"""What holds for every rule: its metrics exist, its alert has a runbook, its labels a meaning."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collector.metrics.documented import documented
from tests.deploy.prometheus.rehearsal import RULES

ROOT = Path(__file__).parents[3]
RUNBOOKS = ROOT / "docs" / "runbooks"
SEVERITIES = {"critical", "warning", "none"}
ANNOTATIONS = {"summary", "description", "page", "runbook"}
ADDED = {"instance", "job"}
"""Labels that a scrape adds."""
MADE = {"site", "gate"}
"""Labels that rules make themselves."""

_SELECTOR = re.compile(r"\b(gatewatch_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_LISTED = re.compile(r"\b(?:by|on|group_left|ignoring|without) \(([^)]*)\)")

Rule = dict[str, Any]


def rules() -> list[Rule]:
    """Read all rules of all files."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules():
        if "alert" in rule:
            found.setdefault(rule["alert"], []).append(rule)
    return found


def families() -> dict[str, frozenset[str]]:
    """Collect every family with its labels, as a real exposition has them (tests hold the page)."""
    both = documented("/metrics/estate") | documented("/metrics/self")
    return {one.name: one.labels for one in both}


def test_every_metric_and_label_that_a_rule_selects_exists() -> None:
    known = families()
    texts = [rule["expr"] for rule in rules()]
    texts += [text for rule in rules() for text in rule.get("annotations", {}).values()]

    selected = [match for text in texts for match in _SELECTOR.findall(text)]

    assert {name for name, _ in selected} <= set(known)
    wrong = [
        (name, label)
        for name, matchers in selected
        for label in _MATCHER.findall(matchers)
        if label not in known[name]
    ]
    assert wrong == []


def test_every_label_that_a_rule_joins_or_counts_by_exists() -> None:
    known = frozenset().union(*families().values()) | ADDED | MADE

    listed = {
        label.strip()
        for rule in rules()
        for labels in _LISTED.findall(rule["expr"])
        for label in labels.split(",")
        if label.strip()
    }

    assert listed - known == set()


def test_every_recorded_series_is_used_and_every_used_one_is_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}

    used = {
        name
        for rule in rules()
        for name in re.findall(r"\bgatewatch:[a-z_]+:[a-z_]+", rule["expr"])
        if name != rule.get("record")
    }

    assert used == recorded


def test_every_alert_has_a_severity_and_says_what_an_operator_needs() -> None:
    for name, same in alerts().items():
        for rule in same:
            assert rule["labels"]["severity"] in SEVERITIES, name
            assert set(rule["annotations"]) >= ANNOTATIONS, name
            assert rule["annotations"]["runbook"] == f"docs/runbooks/{name}.md"
            assert "\n" not in rule["annotations"]["summary"], name


def test_every_alert_of_a_path_tells_its_reason_and_guide_row() -> None:
    of_paths = [rule for same in alerts().values() for rule in same if "path" in rule["labels"]]

    assert len(of_paths) >= 8
    for rule in of_paths:
        assert "gatewatch_path_outcome_info" in rule["annotations"]["reason"]
    broken = [rule for rule in of_paths if rule["alert"] == "GatewatchPathBroken"]
    assert all("$labels.guide" in rule["annotations"]["description"] for rule in broken)


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("Gatewatch*.md")}

    assert pages == set(alerts())


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("Gatewatch*.md")), ids=lambda page: page.stem)
def test_a_runbook_answers_what_somebody_who_was_woken_asks(page: Path) -> None:
    text = page.read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert text.startswith(f"# {page.stem}\n")
    assert headings == ["What it means", "Look first", "What to do", "When to silence it"]


def test_every_alert_is_rehearsed() -> None:
    tests = "".join(test.read_text() for test in Path(__file__).parent.glob("test_*_rules.py"))

    assert [name for name in alerts() if name not in tests] == []


def test_every_alert_is_on_the_page_about_alerts() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text("utf-8")

    assert [name for name in alerts() if f"[`{name}`](runbooks/{name}.md)" not in page] == []


@pytest.mark.needs("promtool")
def test_promtool_takes_the_configuration_and_all_rules() -> None:
    file = ROOT / "deploy" / "prometheus" / "prometheus.yml"

    ran = subprocess.run(
        ["promtool", "check", "config", "--lint-fatal", file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"SUCCESS: {len(RULES)} rule files found" in ran.stdout
