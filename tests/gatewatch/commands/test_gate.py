import json

import pytest

from tests.fakes.api import FakeApi, problem
from tests.gatewatch.running import operate

BLOCKER: dict[str, object] = {
    "path": "sql:be-01>sql-01:tcp/1433",
    "group": None,
    "flow": "sql",
    "dst": "sql-01",
    "expect": "serve",
    "verdict": "broken",
    "outcome": "refused",
    "reason": "10.1.0.20 refused the connection",
    "since": "2026-11-23T12:00:00.000Z",
    "guide": "3.2, Backend",
}


def gate(state: str, *blockers: dict[str, object], done: bool = False) -> dict[str, object]:
    """Write the body of a gate (FORMATS)."""
    return {
        "phase": "agents",
        "state": state,
        "done": done,
        "counts": {"ok": 3, "broken": len(blockers), "unproven": 0},
        "blockers": list(blockers),
        "hosts": [],
        "plan": "sha256:1",
        "at": "2026-11-23T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("state", "code"), [("READY", 0), ("NOT_READY", 1), ("INCONCLUSIVE", 2), ("PERHAPS", 3)]
)
async def test_the_state_is_the_exit_code(state: str, code: int) -> None:
    async with FakeApi({("GET", "gates/agents"): gate(state)}) as url:
        assert await operate(url, "gate", "agents") == code


async def test_may_it_start_and_is_it_done_are_two_questions() -> None:
    api = FakeApi({("GET", "gates/agents"): gate("READY")})
    async with api as url:
        await operate(url, "gate", "agents")
        await operate(url, "gate", "agents", "--done")

    assert [call.query for call in api.calls] == [{}, {"done": "true"}]


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    body = gate("NOT_READY", BLOCKER)
    async with FakeApi({("GET", "gates/agents"): body}) as url:
        code = await operate(url, "gate", "agents", "--format", "json")

    assert code == 1
    assert json.loads(capsys.readouterr().out) == body


async def test_the_table_names_what_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "gates/agents"): gate("NOT_READY", BLOCKER)}) as url:
        await operate(url, "gate", "agents")

    shown = capsys.readouterr().out
    assert "agents, may it start? NOT_READY" in shown
    assert "10.1.0.20 refused the connection" in shown


async def test_nothing_to_judge_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    declined = problem(409, "nothing to judge: the plan asks for nothing in agents")
    async with FakeApi({("GET", "gates/agents"): declined}) as url:
        code = await operate(url, "gate", "agents")

    assert code == 3
    assert capsys.readouterr().err == (
        "gatewatch: nothing to judge: the plan asks for nothing in agents\n"
    )


async def test_an_unknown_phase_is_not_even_asked_for() -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "gate", "agent") == 3

    assert api.calls == []
