import io
from datetime import UTC, datetime

import pytest

from flows.gates import GateState
from gatewatch.answers import Blocker, Gate, HostProblem
from gatewatch.gate_table import EXIT_CODES, name_of, show_gate
from gatewatch.terminal import console, moment

SINCE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATH = Blocker(
    path="sql:be-01>sql-01:tcp/1433",
    flow="sql",
    dst="sql-01",
    expect="serve",
    verdict="broken",
    reason="10.1.0.20 refused \x1b[31m",
    guide="3.2, Backend",
    since=SINCE,
)
AGENTS = Blocker(
    group="hq",
    flow="agent",
    dst="ah-01",
    expect="permit",
    verdict="unproven",
    reason="none of 3 agents has a fresh measurement",
    guide="3.2, Agent",
)


def shown(gate: Gate) -> list[str]:
    stream = io.StringIO()
    show_gate(gate, console(stream))
    return [" ".join(line.split()) for line in stream.getvalue().splitlines() if line.strip()]


def gate(state: str, *blockers: Blocker, done: bool = False) -> Gate:
    return Gate(
        phase="backoffice",
        state=state,
        done=done,
        counts={"ok": 113, "broken": 1},
        blockers=blockers,
        hosts=(HostProblem(host="con-02", problem="version unknown"),) if blockers else (),
    )


def test_every_state_has_its_exit_code() -> None:
    assert EXIT_CODES == {
        GateState.READY: 0,
        GateState.NOT_READY: 1,
        GateState.INCONCLUSIVE: 2,
    }


def test_a_gate_is_shown_with_its_counts() -> None:
    lines = shown(gate("READY"))

    assert lines[0] == "backoffice, may it start? READY"
    assert (lines[1], lines[3]) == ("ok broken", "113 1")
    assert len(lines) == 4


def test_blockers_are_shown_with_reason_and_guide_and_hosts_with_their_problem() -> None:
    lines = shown(gate("NOT_READY", PATH, AGENTS, done=True))

    assert lines[0] == "backoffice, has it reached its goal? NOT_READY"
    assert lines[6] == (
        f"✗ sql:be-01>sql-01:tcp/1433 serve {moment(SINCE)}"
        " 10.1.0.20 refused \\x1b[31m 3.2, Backend"
    )
    assert lines[7].startswith("? agent: agents of hq > ah-01 permit - none of 3 agents")
    assert lines[-1] == "con-02 version unknown"


@pytest.mark.parametrize(
    ("blocker", "name"),
    [(PATH, "sql:be-01>sql-01:tcp/1433"), (AGENTS, "agent: agents of hq > ah-01")],
)
def test_a_blocker_is_named_by_its_path_or_its_group(blocker: Blocker, name: str) -> None:
    assert name_of(blocker) == name


def test_a_state_of_a_later_release_is_shown_all_the_same() -> None:
    assert shown(gate("PERHAPS"))[0] == "backoffice, may it start? PERHAPS"
