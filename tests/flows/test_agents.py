"""Agents rolled up by group, flow and destination (DESIGN 3 and 4)."""

from collections.abc import Mapping
from itertools import product

import pytest

from flows.agents import (
    AgentState,
    AgentUnit,
    agent_state,
    agent_units,
    flow_spoken,
    spoken_paths,
)
from flows.expansion import expand
from flows.hosts import Version
from flows.judging import PathVerdict
from flows.phases import Expectation, Phase
from flows.plan import Plan
from flows.verdicts import Verdict
from flows.versions import Versions
from tests.flows.judged import FAULT, FILTERED, NEVER, REJECTED, STALE, Seen, all_judged
from tests.flows.texts import estate, plan_of

SEEN: dict[str, Seen | None] = {
    "fine": None,
    "rejected": REJECTED,
    "filtered": FILTERED,
    "fault": FAULT,
    "stale": STALE,
    "never": NEVER,
}
OK, BROKEN, UNPROVEN = Verdict.OK, Verdict.BROKEN, Verdict.UNPROVEN


def plan_with(
    agents: int, handlers: str = "ah: {address: 10.0.1.1, roles: [agent-handler]}"
) -> Plan:
    pcs = "\n".join(f"pc-{n:03d}: {{address: 10.0.0.{n}, roles: [agent]}}" for n in range(agents))
    return plan_of(f"{pcs}\n{handlers}")


def unit_of(
    counts: Mapping[str, int],
    phase: Phase = Phase.PREPARE,
    flow: str = "agent-legacy",
    waived: int = 0,
) -> AgentUnit:
    """Roll up agents by what they saw, in this order; the last ones are waived."""
    total = sum(counts.values())
    plan = plan_with(total)
    seen = [SEEN[word] for word, count in counts.items() for _ in range(count)]
    ids = [path.id for path in plan if path.flow == flow]
    wrong = {path: one for path, one in zip(ids, seen, strict=True) if one is not None}
    silenced = frozenset(ids[total - waived :])
    units = agent_units(plan, phase, all_judged(plan, phase, wrong), silenced)
    return next(unit for unit in units if unit.flow == flow)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({"fine": 1}, OK),
        ({"fine": 95, "rejected": 5}, OK),
        ({"fine": 94, "rejected": 6}, BROKEN),
        ({"fine": 94, "fault": 6}, UNPROVEN),
        ({"fine": 90, "rejected": 5, "fault": 5}, UNPROVEN),
        ({"fine": 90, "rejected": 6, "fault": 4}, BROKEN),
        ({"rejected": 1}, BROKEN),
        ({"fault": 1}, UNPROVEN),
    ],
)
def test_a_unit_is_ok_when_enough_of_its_fresh_agents_are(
    counts: Mapping[str, int], verdict: Verdict
) -> None:
    assert unit_of(counts).verdict(1, 0.95) is verdict


def test_agents_that_are_switched_off_do_not_block() -> None:
    assert unit_of({"fine": 1, "stale": 50, "never": 49}).verdict(1, 0.95) is OK


@pytest.mark.parametrize(
    ("fresh", "min_sources", "verdict"),
    [(0, 1, UNPROVEN), (0, 0, UNPROVEN), (2, 3, UNPROVEN), (3, 3, OK)],
)
def test_a_unit_needs_enough_fresh_agents(fresh: int, min_sources: int, verdict: Verdict) -> None:
    assert unit_of({"fine": fresh, "stale": 5}).verdict(min_sources, 0.95) is verdict


def test_too_few_fresh_agents_break_nothing() -> None:
    assert unit_of({"rejected": 2, "stale": 5}).verdict(3, 0.95) is UNPROVEN


@pytest.mark.parametrize(("percent", "total"), [*product([7, 55, 57, 95], [20, 100, 200])])
def test_a_share_is_met_exactly(percent: int, total: int) -> None:
    needed = -(-percent * total // 100)

    assert unit_of({"fine": needed, "rejected": total - needed}).verdict(1, percent / 100) is OK
    assert (
        unit_of({"fine": needed - 1, "fault": total - needed + 1}).verdict(1, percent / 100)
        is not OK
    )
    assert (
        unit_of({"rejected": total - needed, "fault": needed}).verdict(1, percent / 100) is UNPROVEN
    )


def test_waived_agents_count_neither_way() -> None:
    unit = unit_of({"fine": 5, "rejected": 5}, waived=5)

    assert (unit.verdict(1, 0.95), unit.all_waived) == (OK, False)
    assert unit.reason == "of 10 agents 5 ok, 5 waived"


def test_a_unit_whose_agents_are_all_waived_is_judged_as_if_none_were() -> None:
    unit = unit_of({"rejected": 5}, waived=5)

    assert (unit.verdict(1, 0.95), unit.all_waived) == (BROKEN, True)


def test_what_is_accepted_counts_as_ok_whether_fresh_or_not() -> None:
    unit = unit_of({"fine": 1, "filtered": 1, "never": 1}, flow="agent")

    assert unit.verdict(3, 1.0) is UNPROVEN
    assert unit.verdict(3, 1.0, lambda one: one.verdict is UNPROVEN) is OK


def test_a_unit_names_itself_unlike_any_path() -> None:
    assert unit_of({"fine": 1}).id == "agent-legacy:default/*>ah"


def test_the_worst_fresh_agent_speaks() -> None:
    unit = unit_of({"fine": 1, "stale": 1, "fault": 1, "rejected": 1})

    assert (unit.worst.path.src, unit.worst.verdict) == ("pc-003", BROKEN)


def test_of_agents_that_are_equally_bad_the_strongest_expectation_speaks() -> None:
    inventory = estate("""
        pc-1: {address: 10.0.0.1, roles: [agent], version: "2.7.1"}
        pc-2: {address: 10.0.0.2, roles: [agent], version: "2.6"}
        ah: {address: 10.0.1.1, roles: [agent-handler]}
    """)
    plan = expand(inventory)
    phase = Phase.BACKOFFICE

    unit = next(agent_units(plan, phase, all_judged(plan, phase, {"agent-legacy:*": REJECTED})))
    legacy = next(
        unit
        for unit in agent_units(plan, phase, all_judged(plan, phase, {"*": REJECTED}))
        if unit.flow == "agent-legacy"
    )

    assert unit.flow == "agent"
    assert (legacy.worst.path.src, legacy.worst.expectation) == ("pc-2", Expectation.SERVE)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({"fine": 3}, "of 3 agents 3 ok"),
        ({"never": 3}, "none of 3 agents has a fresh measurement"),
        (
            {"fine": 3, "rejected": 1, "fault": 1, "stale": 2},
            "of 7 agents 3 ok, 1 broken, 1 unproven, 2 without a fresh measurement;"
            " pc-003: it was rejected: unreachable",
        ),
    ],
)
def test_a_unit_says_how_many_and_why(counts: Mapping[str, int], reason: str) -> None:
    assert unit_of(counts).reason == reason


def test_units_are_of_a_group_a_flow_and_a_destination() -> None:
    plan = plan_of(
        """
        pc-1: {address: 10.0.0.1, roles: [agent]}
        pc-2: {address: 10.0.0.2, roles: [agent]}
        ah-1: {address: 10.0.1.1, roles: [agent-handler]}
        ah-2: {address: 10.0.1.2, roles: [agent-handler]}
        """,
        """
        handler_groups:
          east: {handlers: [ah-1], agents: [pc-1, pc-2]}
          west: {handlers: [ah-1, ah-2], agents: [pc-2]}
        """,
    )

    units = agent_units(plan, Phase.BASELINE, all_judged(plan, Phase.BASELINE, {}))

    assert [(unit.id, [one.path.src for one in unit.judged]) for unit in units] == [
        ("agent-legacy:east/*>ah-1", ["pc-1", "pc-2"]),
        ("agent-legacy:west/*>ah-1", ["pc-2"]),
        ("agent-legacy:west/*>ah-2", ["pc-2"]),
    ]


def test_what_binds_nobody_is_in_no_unit() -> None:
    inventory = estate("""
        ha: {address: 10.0.0.1, roles: [agent, agent-handler]}
        pc: {address: 10.0.0.2, roles: [agent], version: "2.7.1"}
    """)
    plan = expand(inventory)

    def units(phase: Phase) -> list[tuple[str, list[str]]]:
        found = agent_units(plan, phase, all_judged(plan, phase, {}))
        return [(unit.flow, [one.path.src for one in unit.judged]) for unit in found]

    assert units(Phase.PREPARE) == [("agent", ["pc"]), ("agent-legacy", ["ha", "pc"])]
    assert units(Phase.AGENTS) == [("agent", ["ha", "pc"]), ("agent-legacy", ["ha"])]
    assert units(Phase.COMPLETE) == [("agent", ["ha", "pc"]), ("agent-legacy", ["pc"])]


@pytest.mark.parametrize(
    ("version", "phase", "flow"),
    [
        (None, Phase.BASELINE, "agent-legacy"),
        (None, Phase.AGENTS, "agent-legacy"),
        (None, Phase.COMPLETE, "agent"),
        ("2.7.1", Phase.PREPARE, "agent-legacy"),
        ("2.7.1", Phase.BACKOFFICE, "agent"),
        ("2.6", Phase.AGENTS, "agent-legacy"),
    ],
)
def test_an_agent_speaks_the_flow_of_its_version(
    version: str | None, phase: Phase, flow: str
) -> None:
    inventory = estate("""
        pc: {address: 10.0.0.1, roles: [agent]}
        ah-1: {address: 10.0.1.1, roles: [agent-handler]}
        ah-2: {address: 10.0.1.2, roles: [agent-handler]}
    """)
    versions = Versions(inventory, {"pc": Version(version)} if version else {})
    plan = expand(inventory, versions)
    port = 443 if flow == "agent" else 17000

    assert flow_spoken(plan, inventory.hosts["pc"], phase) == flow
    assert spoken_paths(plan, inventory.hosts["pc"], "default", phase) == [
        f"{flow}:pc>ah-1:tcp/{port}",
        f"{flow}:pc>ah-2:tcp/{port}",
    ]


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (["fine", "fine"], AgentState.SERVED),
        (["fine", "rejected"], AgentState.DEGRADED),
        (["fine", "fault"], AgentState.DEGRADED),
        (["rejected", "rejected"], AgentState.CUT_OFF),
        (["rejected", "fault"], AgentState.UNKNOWN),
        (["never", "never"], AgentState.UNKNOWN),
        ([], AgentState.UNKNOWN),
    ],
)
def test_an_agent_fares_as_its_handlers_serve_it(seen: list[str], state: AgentState) -> None:
    verdicts = [serving(one) for one in seen]

    assert agent_state(one.verdict for one in verdicts) is state


def serving(seen: str) -> PathVerdict:
    """Judge an agent's path to one handler, as serving."""
    unit = unit_of({seen: 1})
    return unit.judged[0]
