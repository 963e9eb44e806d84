"""An enrolment token is printed with what the probe has to be allowed."""

import json

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

INVITED = {
    "id": "1a2b",
    "token": "gwe_secret",
    "host": "con-01",
    "group": None,
    "site": None,
    "left": 1,
    "created": "2026-11-23T12:00:00.000Z",
    "until": "2026-11-24T12:00:00.000Z",
    "by": "alice",
    "allow": {"networks": ["10.1.0.11/32"], "names": ["be-02.example"], "ports": [443, 8443]},
}
CALL = ("POST", "enrolments")


async def test_a_host_is_enrolled(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({CALL: INVITED})
    async with api as url:
        code = await operate(url, "enroll", "con-01")

    printed = capsys.readouterr().out
    assert code == 0
    assert api.calls[0].body == {
        "host": "con-01",
        "group": None,
        "site": None,
        "count": 1,
        "until": None,
    }
    assert printed.splitlines()[0] == "gwe_secret"
    assert "  networks: [10.1.0.11/32]\n  names: [be-02.example]\n  ports: [443, 8443]\n" in printed


async def test_agents_that_join_are_invited_together(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({CALL: {**INVITED, "host": None, "group": "hq", "left": 500}})
    words = ("--group", "hq", "--site", "paris", "--count", "500", "--until", "2099-01-31")
    async with api as url:
        code = await operate(url, "enroll", *words)

    assert code == 0
    assert api.calls[0].body == {
        "host": None,
        "group": "hq",
        "site": "paris",
        "count": 500,
        "until": "2099-01-31",
    }
    assert "for 500 agents of the group hq, until" in capsys.readouterr().out


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({CALL: INVITED}) as url:
        assert await operate(url, "enroll", "con-01", "--format", "json") == 0

    assert json.loads(capsys.readouterr().out) == INVITED


@pytest.mark.parametrize("words", [(), ("con-01", "--group", "hq")])
async def test_it_is_for_a_host_or_for_a_group(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    async with FakeApi({}) as url:
        code = await operate(url, "enroll", *words)

    assert code == 3
    assert "name a host of the inventory, or --group" in capsys.readouterr().err
