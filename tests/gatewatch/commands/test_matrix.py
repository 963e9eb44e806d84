import json

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate


def row(path: str, verdict: str) -> dict[str, object]:
    """Write a row of the matrix (FORMATS)."""
    flow, _, ends = path.partition(":")
    source, _, rest = ends.partition(">")
    destination, _, port = rest.partition(":tcp/")
    return {
        "path": path,
        "flow": flow,
        "src": source,
        "dst": destination,
        "proto": "tcp",
        "port": int(port),
        "scope": "network",
        "expect": "serve",
        "verdict": verdict,
        "pending": False,
        "suspect": False,
        "flapping": False,
        "outcome": "refused",
        "identity": None,
        "reason": "refused",
        "advice": [],
        "since": None,
        "observed_at": None,
        "silenced": None,
    }


PC_1, PC_2 = "agent:pc-001>ah-01:tcp/443", "agent:pc-002>ah-01:tcp/443"
MATRIX = {
    "phase": "agents",
    "plan": "sha256:1",
    "rows": [row(PC_1, "ok"), row(PC_2, "broken"), row("sql:be-01>sql-01:tcp/1433", "ok")],
}
ROLLED_UP = {
    **MATRIX,
    "rows": [row("sql:be-01>sql-01:tcp/1433", "ok")],
    "agents": [
        {
            "group": "hq",
            "site": None,
            "flow": "agent",
            "dst": "ah-01",
            "proto": "tcp",
            "port": 443,
            "expect": "serve",
            "counts": {"broken": 1, "ok": 1},
            "suspect": 0,
            "path": PC_2,
            "reason": "refused",
            "since": None,
        }
    ],
}


async def test_agents_are_rolled_up_by_their_groups(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("GET", "matrix"): ROLLED_UP})
    async with api as url:
        code = await operate(url, "matrix")

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert lines[0] == "agents: who reaches whom"
    assert "hq: 2 agents ✗1" in lines
    assert f"✗ {PC_2} serve - refused" in lines
    assert [call.query for call in api.calls] == [{"agents": "rolled-up"}]


@pytest.mark.parametrize("words", [("--agents",), ("--agents", "each")])
async def test_agents_are_shown_one_by_one_when_asked(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi({("GET", "matrix"): MATRIX})
    async with api as url:
        await operate(url, "matrix", *words)

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"pc-001 ✓", "pc-002 ✗"} <= set(lines)
    assert [call.query for call in api.calls] == [{"agents": "each"}]


async def test_a_phase_is_asked_for_by_name() -> None:
    api = FakeApi({("GET", "matrix"): MATRIX})
    async with api as url:
        await operate(url, "matrix", "--phase", "complete", "--format", "json")

    assert [call.query for call in api.calls] == [{"phase": "complete", "agents": "each"}]


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("GET", "matrix"): MATRIX}) as url:
        await operate(url, "matrix", "--format", "json")

    assert json.loads(capsys.readouterr().out) == MATRIX
