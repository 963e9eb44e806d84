import json
from typing import Any

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate


def host(name: str, *roles: str, **more: Any) -> dict[str, Any]:
    """Write a host as the collector lists it."""
    plain = {"address": "10.0.0.1", "site": None, "version": None, "version_source": None}
    return {"host": name, "roles": roles, "virtual": False, "probe": None, **plain, **more}


def probe(**more: Any) -> dict[str, Any]:
    """Write how a probe fares."""
    return {"up": True, "away": False, "last_seen": "2026-11-23T12:00:00.000Z", **more}


HOSTS = [
    host("be-01", "backend", version="2.7.1", version_source="shown", probe=probe()),
    host("con-01", "console", site="dc1", probe=probe(up=False)),
    host("con-02", "console", probe=probe(up=False, last_seen=None)),
    host("con-03", "console", probe=probe(away=True)),
    host("con-04", "console", probe=probe(skew=-4.0, durable=True, dropped=12)),
    host("con-05", "console", probe=probe(skew=-90.0)),
    host("con-06", "console", probe=probe(skew=3600.0, durable=False)),
    host("log-01", "syslog-server"),
    host("vip", "backend", virtual=True),
    host("pc-001", "agent", site="dc1", version="2.6", probe=probe()),
    host("pc-002", "agent", site="dc1", version="2.6", probe=probe(up=False)),
    host("pc-003", "agent", probe=probe()),
]


async def rows(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    """Run `gatewatch hosts`; returns its rows by their first word."""
    async with FakeApi({("GET", "hosts"): HOSTS}) as url:
        assert await operate(url, "hosts", *words) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    return {line.split()[0]: line for line in lines if line}


async def test_every_host_has_its_version_and_the_state_of_its_probe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await rows(capsys)

    assert found["be-01"].startswith("be-01 10.0.0.1 backend - 2.7.1 (shown) up 2026-11-2")
    assert " - down 2026-11-2" in found["con-01"]
    assert found["con-02"] == "con-02 10.0.0.1 console - - never seen -"
    assert " away " in found["con-03"]
    assert " up " in found["con-04"]
    assert found["log-01"].endswith("none")
    assert found["vip"].endswith("virtual")


async def test_a_wrong_clock_and_a_spool_without_its_disk_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await rows(capsys)

    assert " up, clock 90 s behind 2026" in found["con-05"]
    assert " up, clock 3600 s ahead, spool in memory 2026" in found["con-06"]


async def test_agents_are_counted_by_site_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    found = await rows(capsys)

    assert "pc-001" not in found
    assert found["dc1"] == "dc1 2.6 2 1"
    assert found["-"] == "- unknown 1 1"


async def test_agents_can_be_listed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    found = await rows(capsys, "--agents")

    assert {"pc-001", "pc-002", "pc-003"} <= found.keys()
    assert "dc1" not in found


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "hosts"): HOSTS[:1]}) as url:
        await operate(url, "hosts", "--format", "json")

    assert json.loads(capsys.readouterr().out)[0]["host"] == "be-01"
