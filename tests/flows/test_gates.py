"""Gates (DESIGN 4): may a phase start, and has it reached its goal?"""

from collections.abc import Mapping

import pytest

from flows.agents import agent_units
from flows.errors import UsageError
from flows.gates import Count, GateState, Rules, Standing, units
from flows.outcomes import Outcome
from flows.phases import PHASES, Expectation, Phase
from flows.verdicts import Verdict
from tests.flows.gating import (
    GOALS,
    INCONCLUSIVE,
    MIGRATED,
    NOT_READY,
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
    STALE,
    Seen,
    all_judged,
)
from tests.flows.texts import plan_of


def test_a_gate_is_ready_when_everything_is_ok() -> None:
    asked = gate(design(), Phase.PREPARE)

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED + GOALS})


def test_every_count_is_given() -> None:
    assert set(gate(design(), Phase.BASELINE).counts) == set(Count)


def test_a_baseline_has_no_goals() -> None:
    asked = gate(design(), Phase.BASELINE)

    assert counted(asked) == {"ok": SERVED}


GOAL_PATHS = ("*:tcp/8443", "agent:*")


@pytest.mark.parametrize("seen", [FILTERED, REJECTED, NEVER])
def test_unreached_goals_are_pending_and_hold_nobody_up(seen: Seen) -> None:
    asked = gate(design(), Phase.PREPARE, dict.fromkeys(GOAL_PATHS, seen))

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED, "pending": GOALS})
    assert asked.blockers == ()


@pytest.mark.parametrize(
    ("seen", "state", "count"),
    [(REJECTED, NOT_READY, "broken"), (FILTERED, INCONCLUSIVE, "unproven")],
)
def test_whether_a_phase_is_done_is_a_question_of_its_goals(
    seen: Seen, state: GateState, count: str
) -> None:
    asked = gate(design(), Phase.PREPARE, dict.fromkeys(GOAL_PATHS, seen), done=True)

    assert (asked.state, counted(asked)) == (state, {"ok": SERVED, count: GOALS})


def test_a_phase_whose_goals_are_ok_is_done() -> None:
    asked = gate(design(), Phase.PREPARE, done=True)

    assert (asked.state, counted(asked)) == (READY, {"ok": SERVED + GOALS})


@pytest.mark.parametrize(
    "goal", ["console-backend:con-01>ses:tcp/8443", "agent:hq/*>ah-02"], ids=["path", "unit"]
)
def test_a_goal_that_was_reached_counts_as_any_other(goal: str) -> None:
    broken = dict.fromkeys(GOAL_PATHS, REJECTED)

    asked = gate(design(), Phase.PREPARE, broken, Standing(reached=frozenset({goal})))

    assert counted(asked) == {"ok": SERVED, "broken": 1, "pending": GOALS - 1}
    assert [blocker.id for blocker in asked.blockers] == [goal]


def test_the_goals_of_complete_are_the_ports_that_must_close() -> None:
    plan = design(**MIGRATED, pc_001="2.7.1")
    still_open = {"agent-legacy:*": OPEN}

    may_start, done = (
        gate(plan, Phase.COMPLETE, still_open, done=asks_for_goals)
        for asks_for_goals in (False, True)
    )

    assert (may_start.state, may_start.counts[Count.PENDING]) == (READY, 3)
    assert (done.state, done.counts[Count.BROKEN]) == (NOT_READY, 3)


@pytest.mark.parametrize("phase", [Phase.BASELINE, Phase.BACKOFFICE, Phase.AGENTS])
def test_other_phases_have_no_goals(phase: Phase) -> None:
    asked = gate(design(), phase, {"*": FAULT})

    assert asked.counts[Count.PENDING] == 0


def test_what_an_earlier_phase_asked_already_is_no_goal() -> None:
    plan = plan_of(
        """
        con: {address: 10.0.0.1, roles: [console]}
        pki: {address: 10.0.0.2, roles: []}
        """,
        """
        extra_flows:
          - {flow: a, from: con, to: pki, proto: tcp, port: 1, service: tcp, expect: permit, why: b}
        """,
    )

    assert counted(gate(plan, Phase.PREPARE, {"a:*": REJECTED})) == {"broken": 1}


def test_one_broken_path_is_enough() -> None:
    asked = gate(design(), Phase.BASELINE, {"sql:be-01>*": REJECTED, "sql:be-02>*": FAULT})

    assert asked.state is NOT_READY
    assert counted(asked) == {"ok": SERVED - 2, "broken": 1, "unproven": 1}


@pytest.mark.parametrize("seen", [NEVER, STALE, FAULT])
def test_absence_never_passes(seen: Seen) -> None:
    asked = gate(design(), Phase.BASELINE, {"*": seen})

    assert (asked.state, counted(asked)) == (INCONCLUSIVE, {"unproven": SERVED})


def test_blockers_tell_what_stands_in_the_way_the_broken_ones_first() -> None:
    asked = gate(
        design(),
        Phase.BASELINE,
        {
            "sql:be-02>*": FAULT,
            "public-api:siem>ses*": REJECTED,
            "agent-legacy:*>ah-02:*": REJECTED,
        },
    )

    assert [(one.id, one.path, one.group) for one in asked.blockers] == [
        ("agent-legacy:hq/*>ah-02", None, "hq"),
        ("public-api:siem>ses:tcp/10443", "public-api:siem>ses:tcp/10443", None),
        ("sql:be-02>sql-01:tcp/1433", "sql:be-02>sql-01:tcp/1433", None),
    ]
    unit, api, _ = asked.blockers
    assert (unit.flow, unit.dst, unit.expect, unit.outcome) == (
        "agent-legacy",
        "ah-02",
        Expectation.SERVE,
        Outcome.REJECTED,
    )
    assert unit.reason.startswith("of 1 agents 1 broken; pc-001: ")
    assert (api.verdict, api.guide) == (Verdict.BROKEN, "3.2, Backend")
    assert api.reason == "it was rejected: unreachable"


def test_what_was_never_measured_has_no_outcome() -> None:
    asked = gate(design(), Phase.BASELINE, {"sql:be-02>*": NEVER, "agent-legacy:*": NEVER})

    assert {blocker.outcome for blocker in asked.blockers} == {None}


def test_what_is_advised_or_retired_is_in_no_count() -> None:
    wrong = {"sql-dac:*": REJECTED, "console-backend:con-01>be-02:tcp/8443": REJECTED}

    asked = gate(design(**MIGRATED), Phase.AGENTS, {**wrong, "*>ses:tcp/443": REJECTED})

    assert (asked.state, asked.counts[Count.BROKEN]) == (READY, 0)


def test_of_a_local_path_only_its_serve_binds() -> None:
    local = {"handler-backend:be-01>ses:*": REJECTED}

    in_prepare = gate(design(), Phase.PREPARE, local, done=True)
    in_agents = gate(design(**MIGRATED), Phase.AGENTS, local)

    assert [one.id for one in in_prepare.blockers] == ["handler-backend:be-01>ses:tcp/443"]
    assert [one.id for one in in_agents.blockers] == ["handler-backend:be-01>ses:tcp/8443"]


def test_the_rules_say_what_a_unit_needs() -> None:
    plan = plan_of("""
        pc-1: {address: 10.0.0.1, roles: [agent]}
        pc-2: {address: 10.0.0.2, roles: [agent]}
        ah: {address: 10.0.1.1, roles: [agent-handler]}
    """)

    def state(rules: Rules, but: Mapping[str, Seen]) -> GateState:
        return gate(plan, Phase.BASELINE, but, rules=rules).state

    one_off, one_broken = {"*:pc-1>*": STALE}, {"*:pc-1>*": REJECTED}
    assert state(Rules(), one_off) is READY
    assert state(Rules(min_sources=2), one_off) is INCONCLUSIVE
    assert state(Rules(), one_broken) is NOT_READY
    assert state(Rules(min_ok=0.5), one_broken) is READY


def test_by_default_one_source_and_95_percent_are_enough() -> None:
    assert Rules() == Rules(min_sources=1, min_ok=0.95)


@pytest.mark.parametrize("phase", PHASES)
def test_nothing_to_judge_is_a_usage_error(phase: Phase) -> None:
    plan = plan_of("pki: {address: 10.0.0.1, roles: []}")

    with pytest.raises(UsageError) as error:
        gate(plan, phase)

    assert str(error.value) == f"nothing to judge: the plan asks for nothing in {phase}"


def test_nothing_but_goals_is_nothing_to_judge_before_a_phase_starts() -> None:
    plan = plan_of(
        """
        con: {address: 10.0.0.1, roles: [console]}
        pki: {address: 10.0.0.2, roles: []}
        """,
        """
        extra_flows:
          - {flow: a, from: con, to: pki, proto: tcp, port: 1, service: tcp, why: b,
             expect: {prepare: permit}}
        """,
    )

    with pytest.raises(UsageError) as error:
        gate(plan, Phase.PREPARE, {"a:*": REJECTED})

    assert str(error.value) == (
        "nothing to judge: prepare asks for nothing but its own goals; ask whether it is done"
    )
    assert gate(plan, Phase.PREPARE, {"a:*": REJECTED}, done=True).state is NOT_READY


def test_hosts_alone_may_stand_in_the_way() -> None:
    plan = plan_of('con: {address: 10.0.0.1, roles: [console], version: "2.6"}')

    assert gate(plan, Phase.AGENTS).state is NOT_READY


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        (MIGRATED, READY),
        ({**MIGRATED, "con_01": "2.6"}, NOT_READY),
        ({}, INCONCLUSIVE),
        ({"be_01": "2.6"}, NOT_READY),
    ],
)
def test_gate_agents_needs_a_migrated_back_office(
    versions: dict[str, str], state: GateState
) -> None:
    assert gate(design(**versions), Phase.AGENTS).state is state


def test_units_can_be_listed_without_an_answer() -> None:
    plan = design()
    verdicts = all_judged(plan, Phase.PREPARE, {})

    found = list(units(plan, Phase.PREPARE, verdicts, Standing(), Rules()))

    assert len(found) == SERVED + GOALS


def test_agents_that_are_counted_already_are_taken_as_they_are() -> None:
    plan = design()
    verdicts = all_judged(plan, Phase.PREPARE, {})
    first, *_ = agent_units(plan, Phase.PREPARE, verdicts)

    found = list(units(plan, Phase.PREPARE, verdicts, Standing(), Rules(), agents=[first]))

    assert [(one.group, one.flow) for one in found if one.group] == [(first.group, first.flow)]
