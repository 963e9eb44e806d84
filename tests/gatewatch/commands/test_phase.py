import json

import pytest

from tests.fakes.api import FakeApi, problem
from tests.gatewatch.commands.test_gate import BLOCKER, gate
from tests.gatewatch.running import operate

PREPARE = {"phase": "prepare", "since": "2026-11-23T12:00:00.000Z"}
GATE = gate("NOT_READY", BLOCKER)
NOT_READY = problem(409, "the gate of agents is NOT_READY: 1 broken", gate=GATE)


async def test_the_phase_that_holds_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "phase"): PREPARE}) as url:
        code = await operate(url, "phase")

    assert code == 0
    assert capsys.readouterr().out.startswith("prepare, since 2026-11-2")


async def test_another_phase_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("PUT", "phase"): PREPARE})
    async with api as url:
        code = await operate(url, "phase", "set", "prepare")

    assert code == 0
    assert api.calls[0].body == {"phase": "prepare", "force": False, "reason": None}
    assert capsys.readouterr().out.startswith("prepare, since")


async def test_a_gate_that_is_not_ready_is_shown_and_exits_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with FakeApi({("PUT", "phase"): NOT_READY}) as url:
        code = await operate(url, "phase", "set", "agents")

    said = capsys.readouterr()
    assert code == 1
    assert said.err == "gatewatch: the gate of agents is NOT_READY: 1 broken\n"
    assert "sql:be-01>sql-01:tcp/1433" in said.out


async def test_the_gate_that_is_not_ready_can_be_had_as_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with FakeApi({("PUT", "phase"): NOT_READY}) as url:
        code = await operate(url, "phase", "set", "agents", "--format", "json")

    assert code == 1
    assert json.loads(capsys.readouterr().out) == GATE


async def test_a_phase_that_is_declined_for_another_reason_exits_3(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with FakeApi({("PUT", "phase"): problem(409, "nothing to judge")}) as url:
        code = await operate(url, "phase", "set", "agents")

    assert code == 3
    assert capsys.readouterr().err == "gatewatch: nothing to judge\n"


async def test_force_needs_a_reason_which_is_sent() -> None:
    api = FakeApi({("PUT", "phase"): PREPARE})
    async with api as url:
        refused = await operate(url, "phase", "set", "agents", "--force", "--reason", " ")
        forced = await operate(url, "phase", "set", "agents", "--force", "--reason", "tested")

    assert (refused, forced) == (3, 0)
    assert [call.body["reason"] for call in api.calls] == ["tested"]
