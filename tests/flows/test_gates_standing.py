"""Gates (DESIGN 4): what is waived, attested or unverifiable is counted apart."""

import pytest

from flows.gates import Count, Standing
from flows.phases import Phase
from tests.flows.gating import (
    GOALS,
    INCONCLUSIVE,
    NOT_READY,
    NOTHING,
    READY,
    SERVED,
    counted,
    design,
    gate,
)
from tests.flows.judged import (
    FAULT,
    FILTERED,
    NEVER,
    OPEN,
    REJECTED,
    SILENT,
    STALE,
    Seen,
)
from tests.flows.texts import plan_of

SQL = "sql:be-01>sql-01:tcp/1433"
UNIT = "agent-legacy:pc-001>ah-02:tcp/17000"


@pytest.mark.parametrize("path", [SQL, UNIT], ids=["path", "unit"])
@pytest.mark.parametrize("seen", [REJECTED, FAULT, NEVER])
def test_what_is_waived_is_counted_apart_and_holds_nothing_up(path: str, seen: Seen) -> None:
    standing = Standing(waived=frozenset({path}))

    asked = gate(design(), Phase.BASELINE, {path: seen}, standing)

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED - 1, "waived": 1})


@pytest.mark.parametrize("path", [SQL, UNIT], ids=["path", "unit"])
def test_a_waived_path_that_is_ok_is_ok(path: str) -> None:
    asked = gate(design(), Phase.BASELINE, NOTHING, Standing(waived=frozenset({path})))

    assert counted(asked) == {"ok": SERVED}


def test_a_waived_goal_is_waived() -> None:
    path = "console-backend:con-01>ses:tcp/8443"

    asked = gate(design(), Phase.PREPARE, {path: FILTERED}, Standing(waived=frozenset({path})))

    assert counted(asked) == {"ok": SERVED + GOALS - 1, "waived": 1}


ATTESTABLE = ("console-backend:con-01>ses:tcp/8443", "agent:pc-001>ah-02:tcp/443")


@pytest.mark.parametrize("path", ATTESTABLE, ids=["path", "unit"])
@pytest.mark.parametrize("seen", [FILTERED, NEVER])
def test_an_unproven_permit_may_be_attested(path: str, seen: Seen) -> None:
    standing = Standing(attested=frozenset({path}))

    asked = gate(design(), Phase.PREPARE, {path: seen}, standing, done=True)

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED + GOALS - 1, "attested": 1})


@pytest.mark.parametrize("path", ATTESTABLE, ids=["path", "unit"])
def test_an_attestation_heals_nothing_that_is_broken(path: str) -> None:
    standing = Standing(attested=frozenset({path}))

    asked = gate(design(), Phase.PREPARE, {path: REJECTED}, standing, done=True)

    assert (asked.state, asked.counts[Count.BROKEN]) == (NOT_READY, 1)


@pytest.mark.parametrize("path", [SQL, UNIT], ids=["path", "unit"])
def test_only_a_permit_can_be_attested(path: str) -> None:
    standing = Standing(attested=frozenset({path}))

    asked = gate(design(), Phase.BASELINE, {path: FAULT}, standing)

    assert (asked.state, asked.counts[Count.UNPROVEN]) == (INCONCLUSIVE, 1)


def test_a_unit_is_attested_when_that_makes_enough_of_its_agents_good() -> None:
    pcs = "\n".join(f"pc-{n:02d}: {{address: 10.0.0.{n}, roles: [agent]}}" for n in range(20))
    plan = plan_of(f"{pcs}\nah: {{address: 10.0.1.1, roles: [agent-handler]}}")
    unproven = [f"agent:pc-{n:02d}>ah:tcp/443" for n in range(5)]

    def count(attested: int) -> Count:
        standing = Standing(attested=frozenset(unproven[:attested]))
        asked = gate(plan, Phase.PREPARE, dict.fromkeys(unproven, FILTERED), standing, done=True)
        return next(one for one, number in asked.counts.items() if number and one is not Count.OK)

    assert [count(attested) for attested in (3, 4, 5)] == [
        Count.UNPROVEN,
        Count.ATTESTED,
        Count.ATTESTED,
    ]


def test_silence_where_silence_is_usual_is_unverifiable_and_holds_nothing_up() -> None:
    asked = gate(design(), Phase.BASELINE, {"syslog-udp:*": SILENT})

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED - 3, "unverifiable": 3})


def test_a_silent_sql_browser_is_broken() -> None:
    assert gate(design(), Phase.BASELINE, {"sql-browser:*": SILENT}).state is NOT_READY


UDP = """
extra_flows:
  - {flow: ntp, from: agent, to: pki, proto: udp, port: 123, service: udp, expect: serve, why: time}
"""


@pytest.mark.parametrize(
    ("wrong", "count"),
    [
        ({"*": SILENT}, Count.UNVERIFIABLE),
        ({"ntp:pc-0>*": SILENT}, Count.UNVERIFIABLE),
        ({"ntp:pc-0>*": SILENT, "ntp:pc-1>*": FAULT}, Count.UNPROVEN),
        ({"*": STALE}, Count.UNPROVEN),
    ],
)
def test_a_unit_of_silent_agents_is_unverifiable(wrong: dict[str, Seen], count: Count) -> None:
    pcs = "\n".join(f"pc-{n}: {{address: 10.0.0.{n}, roles: [agent]}}" for n in range(3))
    plan = plan_of(f"{pcs}\npki: {{address: 10.0.1.1, roles: []}}", UDP)
    answered = {"ntp:*": Seen(OPEN.observation)}

    asked = gate(plan, Phase.BASELINE, {**answered, **wrong})

    assert counted(asked) == {str(count): 1}
