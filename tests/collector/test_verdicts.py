from collections import Counter

import pytest

from collector.estate import Estate
from collector.views import AgentCount
from flows.agents import AgentState
from flows.hosts import Version
from flows.outcomes import Observation
from flows.phases import Phase
from flows.verdicts import Absence, Verdict
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    MSRPC,
    REFUSED,
    SILENT,
    at,
    started,
    tell,
    turn,
)

OLD_PATHS = ("agent-legacy:pc-001>be-01:tcp/17000", "agent-legacy:pc-001>ah-02:tcp/17000")
NEW_PATHS = ("agent:pc-001>be-01:tcp/443", HANDLER)


def fares(
    estate: Estate, seconds: float = 1
) -> dict[tuple[str, str | None], dict[AgentState, int]]:
    """Tell how many agents of each place are in which state; states of none are left out."""
    return {
        (one.group, one.site): {state: n for state, n in one.counts.items() if n}
        for one in estate.agent_states(at(seconds))
    }


def office(estate: Estate, seconds: float = 1) -> dict[AgentState, int]:
    return fares(estate, seconds)["hq", "office"]


def test_every_path_that_a_phase_asks_for_has_a_verdict(estate: Estate) -> None:
    for phase in Phase:
        assert set(estate.verdicts(phase, at(0))) == {path.id for path in estate.plan.of(phase)}


def test_what_was_never_measured_is_unproven(estate: Estate) -> None:
    verdict = estate.verdicts(Phase.BASELINE, at(0))[CONSOLE]

    assert verdict.verdict is Verdict.UNPROVEN
    assert verdict.judgement.absence is Absence.NEVER


def test_verdicts_follow_reports_and_age(estate: Estate) -> None:
    def verdict(seconds: float) -> Verdict:
        return estate.verdicts(Phase.BASELINE, at(seconds))[CONSOLE].verdict

    assert verdict(0) is Verdict.UNPROVEN
    tell(estate, {CONSOLE: HTTPS}, 1)
    assert verdict(1) is Verdict.OK
    assert verdict(46) is Verdict.OK
    assert verdict(47) is Verdict.UNPROVEN
    tell(estate, {CONSOLE: HTTPS}, 50)
    assert verdict(50) is Verdict.OK


def test_each_phase_has_verdicts_of_its_own_at_the_same_time(estate: Estate) -> None:
    tell(estate, {CONSOLE_NEW: REFUSED})

    assert estate.verdicts(Phase.PREPARE, at(1))[CONSOLE_NEW].verdict is Verdict.OK
    assert estate.verdicts(Phase.COMPLETE, at(1))[CONSOLE_NEW].verdict is Verdict.BROKEN
    assert CONSOLE_NEW not in estate.verdicts(Phase.BASELINE, at(1))


def test_nobody_writes_into_the_verdicts(estate: Estate) -> None:
    verdicts = estate.verdicts(Phase.BASELINE, at(0))

    with pytest.raises(TypeError):
        verdicts[CONSOLE] = verdicts[CONSOLE]  # type: ignore[index] # the very thing that is refused


def test_agents_are_counted_by_group_and_site_with_every_state(estate: Estate) -> None:
    assert estate.agent_states(at(0)) == [
        AgentCount(
            group="hq",
            site=site,
            counts={
                AgentState.SERVED: 0,
                AgentState.DEGRADED: 0,
                AgentState.CUT_OFF: 0,
                AgentState.UNKNOWN: agents,
            },
        )
        for site, agents in (("home", 1), ("office", 2))
    ]


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (MSRPC, MSRPC, AgentState.SERVED),
        (MSRPC, REFUSED, AgentState.DEGRADED),
        (FILTERED, REFUSED, AgentState.CUT_OFF),
        (FILTERED, SILENT, AgentState.UNKNOWN),
    ],
)
def test_an_agent_fares_by_what_all_of_its_handlers_do(
    estate: Estate, first: Observation, second: Observation, state: AgentState
) -> None:
    tell(estate, dict(zip(OLD_PATHS, (first, second), strict=True)))

    assert office(estate) == Counter([state, AgentState.UNKNOWN])


def test_agents_that_are_switched_off_are_unknown(estate: Estate) -> None:
    tell(estate, dict.fromkeys(OLD_PATHS, MSRPC))

    assert office(estate, 180) == {AgentState.SERVED: 1, AgentState.UNKNOWN: 1}
    assert office(estate, 181) == {AgentState.UNKNOWN: 2}


def test_a_permit_never_serves() -> None:
    estate = started(phase=Phase.COMPLETE)
    tell(estate, dict.fromkeys(NEW_PATHS, REFUSED))

    assert office(estate) == {AgentState.CUT_OFF: 1, AgentState.UNKNOWN: 1}


def test_an_agent_is_judged_by_the_flow_that_its_version_speaks() -> None:
    estate = started(phase=Phase.AGENTS)
    tell(estate, {**dict.fromkeys(OLD_PATHS, MSRPC), **dict.fromkeys(NEW_PATHS, FILTERED)})
    assert office(estate) == {AgentState.SERVED: 1, AgentState.UNKNOWN: 1}

    changes = estate.decide_versions("pc-001", Version("2.7.1"), at(2))
    estate.apply(changes)

    assert office(estate, 3) == {AgentState.CUT_OFF: 1, AgentState.UNKNOWN: 1}


def test_agents_follow_reports(estate: Estate) -> None:
    tell(estate, dict.fromkeys(OLD_PATHS, MSRPC))
    assert office(estate) == {AgentState.SERVED: 1, AgentState.UNKNOWN: 1}

    turn(estate, {OLD_PATHS[0]: REFUSED}, 60)

    assert office(estate, 66) == {AgentState.DEGRADED: 1, AgentState.UNKNOWN: 1}


def test_the_paths_of_agents_are_rolled_up_by_place_flow_and_destination() -> None:
    estate = started(phase=Phase.PREPARE)
    tell(estate, {HANDLER: GRPC, HANDLER.replace("pc-001", "pc-002"): FILTERED})

    rows = {
        (row.src_site, row.dst, row.flow): row.counts
        for row in estate.agent_rollup(Phase.PREPARE, at(1))
    }

    assert rows["office", "ah-02", "agent"] == {
        Verdict.OK: 1,
        Verdict.BROKEN: 0,
        Verdict.UNPROVEN: 1,
    }
    assert sum(rows["home", "ah-02", "agent"].values()) == 1
    assert {flow for _, _, flow in rows} == {"agent", "agent-legacy", "gatewatch"}


def test_only_what_the_phase_asks_for_is_rolled_up(estate: Estate) -> None:
    flows = {row.flow for row in estate.agent_rollup(Phase.BASELINE, at(1))}

    assert flows == {"agent-legacy", "gatewatch"}
