import json
from datetime import datetime

import pytest

from gatewatch.terminal import moment
from tests.fakes.api import FakeApi, problem
from tests.gatewatch.running import operate

PATH = "agent:pc-001>ah-01:tcp/443"
VIEW = {
    "path": PATH,
    "flow": "agent",
    "src": "pc-001",
    "dst": "ah-01",
    "dst_address": "ah-01.example",
    "proto": "tcp",
    "port": 443,
    "service": "grpc",
    "scope": "local",
    "groups": ["hq"],
    "guide": "3.2, Agent",
    "purpose": "Communication of agents",
    "check": 17,
    "interval": 60.0,
    "phases": {
        "prepare": {
            "expect": "permit",
            "binding": True,
            "verdict": "unproven",
            "pending": True,
            "identity": None,
            "reason": "no answer",
            "advice": ["look at the firewall"],
        },
        "agents": {
            "expect": "advised",
            "binding": False,
            "verdict": "broken",
            "pending": False,
            "identity": None,
            "reason": "no answer",
            "advice": ["look at the firewall"],
        },
    },
    "observation": {
        "outcome": "rejected",
        "address": "10.0.0.1",
        "detail": "prohibited",
        "from": "10.0.0.254",
        "stages": {"resolve": 0.0004, "connect": 0.0019},
        "rtt_seconds": 0.00031,
        "addresses": [{"outcome": "rejected", "address": "10.0.0.1"}, {"outcome": "open"}],
    },
    "candidate": {"outcome": "open", "address": "10.0.0.1"},
    "since": "2026-11-23T12:00:00.000Z",
    "observed_at": "2026-11-23T12:01:00.000Z",
    "suspect": True,
    "flapping": True,
    "turns": [],
    "silenced": "waiver",
    "loss_at": "2026-11-24T12:00:00.000Z",
}


async def test_all_that_is_known_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("GET", "path"): VIEW})
    async with api as url:
        code = await operate(url, "path", PATH)

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert api.calls[0].query == {"path": PATH}
    assert lines[:6] == [
        PATH,
        "for Communication of agents",
        "guide 3.2, Agent",
        "address ah-01.example",
        "service grpc",
        "scope local: it proves no rule of the network",
    ]
    assert lines[6:16] == [
        "outcome rejected, 10.0.0.1, prohibited, from 10.0.0.254",
        f"since {local('2026-11-23T12:00:00Z')}",
        f"observed {local('2026-11-23T12:01:00Z')}, every 60 s",
        "at rejected, 10.0.0.1",
        "at open",
        "stages resolve 0.4 ms, connect 1.9 ms",
        "round trip 0.31 ms",
        "suspect open, 10.0.0.1, seen once",
        "flapping three turns in ten minutes",
        "silenced by waiver",
    ]
    assert lines[16] == f"logs lost from {local('2026-11-24T12:00:00Z')}"
    assert lines[-3:] == [
        "… prepare permit no answer",
        "· agents advised no answer",
        "advice: look at the firewall",
    ]


def local(moment_: str) -> str:
    """Write a time as this machine's clock shows it."""
    return moment(datetime.fromisoformat(moment_))


async def test_a_path_may_never_have_been_measured(capsys: pytest.CaptureFixture[str]) -> None:
    view = VIEW | {"observation": None, "candidate": None, "since": None, "observed_at": None}
    async with FakeApi({("GET", "path"): view}) as url:
        await operate(url, "path", PATH)

    assert "never measured" in capsys.readouterr().out


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "path"): VIEW}) as url:
        await operate(url, "path", PATH, "--format", "json")

    assert json.loads(capsys.readouterr().out) == VIEW


async def test_an_unknown_path_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "path"): problem(404, "no path 'x' in the plan")}) as url:
        code = await operate(url, "path", "x")

    assert code == 3
    assert capsys.readouterr().err == "gatewatch: no path 'x' in the plan\n"
