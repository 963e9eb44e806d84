"""compose.yaml mounts what there is, tells no secret, and lets nobody in whom it need not."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.settings_reading import load_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
Yaml = dict[str, Any]


def read(name: str) -> Yaml:
    found: Yaml = yaml.safe_load((DEPLOY / name).read_text("utf-8"))
    return found


COMPOSE = read("compose.yaml")
SERVICES: dict[str, Yaml] = COMPOSE["services"]
OF_THE_OPERATOR = {"./inventory.yaml", "./secrets/database", "./secrets/grafana"}
"""What docs/deploy.md tells whoever installs it to write."""
ANY_SERVICE = pytest.mark.parametrize("name", SERVICES)


def mounts(service: Yaml) -> list[tuple[str, str]]:
    """List what is mounted where, without how."""
    pairs = (one.split(":") for one in service.get("volumes", []))
    return [(source, target) for source, target, *_ in pairs]


def test_it_runs_what_the_issue_asks_for() -> None:
    assert set(SERVICES) == {"collector", "database", "prometheus", "alertmanager", "grafana"}


@ANY_SERVICE
def test_every_file_that_is_mounted_exists_and_is_not_written(name: str) -> None:
    for source, _ in mounts(SERVICES[name]):
        if source.startswith(".") and source not in OF_THE_OPERATOR:
            assert (DEPLOY / source).exists(), source
        elif not source.startswith("."):
            assert source in COMPOSE["volumes"]
    written = [one for one in SERVICES[name].get("volumes", []) if not one.endswith(":ro")]
    assert all(one.partition(":")[0] in COMPOSE["volumes"] for one in written)


@ANY_SERVICE
def test_every_image_is_pinned_to_a_release(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?", SERVICES[name]["image"])


def test_the_image_of_the_collector_is_of_this_release() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert SERVICES["collector"]["image"] == f"gatewatch-collector:{version}"


@ANY_SERVICE
def test_a_service_says_whether_it_is_healthy(name: str) -> None:
    if name == "collector":
        assert "HEALTHCHECK" in (DEPLOY / "collector" / "Dockerfile").read_text("utf-8")
    else:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@ANY_SERVICE
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert all(one.startswith("127.0.0.1:") for one in SERVICES[name].get("ports", []))


@ANY_SERVICE
def test_a_service_cannot_gain_rights(name: str) -> None:
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    if name != "database":  # whose image begins as root, to own its folder
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_secrets_are_files_that_git_does_not_see() -> None:
    files = {one["file"] for one in COMPOSE["secrets"].values()}

    assert files <= OF_THE_OPERATOR
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    told = {
        name: value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name
    }
    assert told
    assert {value.rpartition("/")[0] for value in told.values()} == {"/run/secrets"}


def test_what_one_service_waits_for_there_is() -> None:
    waited = {one for service in SERVICES.values() for one in service.get("depends_on", {})}

    assert waited <= set(SERVICES)


def test_the_collector_finds_its_settings_and_its_database() -> None:
    settings = load_settings(DEPLOY / "collector" / "collector.yaml")
    database = SERVICES["database"]["environment"]

    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert settings.store == f"postgresql://{user}@database/{name}"
    assert (settings.listen.host, settings.listen.port) == ("0.0.0.0", 8642)
    assert str(settings.inventory) == str(DEPLOY / "collector" / "inventory.yaml")
    assert (
        dict(mounts(SERVICES["collector"]))["./inventory.yaml"] == "/etc/gatewatch/inventory.yaml"
    )


def test_prometheus_and_grafana_find_each_other() -> None:
    scraped = read("prometheus/prometheus.yml")
    targets = {
        target.rpartition(":")
        for job in scraped["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    }
    assert {host for host, _, _ in targets} <= {*SERVICES, "localhost"}

    [source] = read("grafana/provisioning/datasources/gatewatch.yaml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert source["jsonData"]["timeInterval"] == scraped["global"]["scrape_interval"]
    [provider] = read("grafana/provisioning/dashboards/gatewatch.yaml")["providers"]
    assert provider["options"]["path"] in {target for _, target in mounts(SERVICES["grafana"])}


def test_the_image_is_built_of_files_that_there_are() -> None:
    text = (DEPLOY / "collector" / "Dockerfile").read_text("utf-8")
    copied = [
        source
        for words in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in words.split()[:-1]
    ]
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert [one for one in copied if not (ROOT / one).exists()] == []
    assert [one for one in copied if f"!{one}" not in let_in] == []
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13.5-slim-bookworm"] * 2
    assert "USER 10001" in text
