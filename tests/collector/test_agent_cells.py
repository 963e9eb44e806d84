from hypothesis import given
from hypothesis import strategies as st

from collector.estate import Estate
from collector.views import AgentCell, CellState
from collector.wanted import Wanted
from flows.outcomes import Observation
from flows.phases import Expectation, Phase
from tests.collector.samples import (
    FILTERED,
    GRPC,
    HANDLER,
    HANDLER_OLD,
    MSRPC,
    REFUSED,
    REJECTED,
    at,
    rolled_up,
    started,
    tell,
    turn,
)

AGENTS = ("pc-001", "pc-002", "pc-003")


def cells(estate: Estate, phase: Phase, seconds: float = 6, **wanted: str) -> list[AgentCell]:
    return rolled_up(estate, phase, seconds, Wanted(**wanted))[1]


def cell(estate: Estate, phase: Phase, site: str, flow: str, seconds: float = 6) -> AgentCell:
    """Find the cell of a site towards ah-02."""
    [found] = cells(estate, phase, seconds, site=site, flow=flow, dst="ah-02")
    return found


def legacy(agent: str) -> str:
    return HANDLER_OLD.replace("pc-001", agent)


def test_agents_are_counted_by_site_and_the_worst_of_them_speaks(estate: Estate) -> None:
    turn(estate, {legacy("pc-001"): MSRPC, legacy("pc-002"): REJECTED})

    found = cell(estate, Phase.BASELINE, "office", "agent-legacy")

    assert found.counts == {CellState.BROKEN: 1, CellState.OK: 1}
    assert (found.path, found.expect) == (legacy("pc-002"), Expectation.SERVE)
    assert found.reason.startswith("10.2.255.1, a router on the way, rejected it")
    assert found.since == at(0)


def test_a_goal_that_is_not_reached_is_pending(estate: Estate) -> None:
    turn(estate, {HANDLER: FILTERED})

    assert cell(estate, Phase.PREPARE, "office", "agent").counts == {CellState.PENDING: 2}


def test_what_is_retired_is_only_shown() -> None:
    estate = started(phase=Phase.AGENTS, versions={})
    text = estate.memory.inventory_text.replace(
        "roles: [agent]", 'roles: [agent], version: "2.7.1"'
    )

    found = cell(started(text, Phase.AGENTS), Phase.AGENTS, "home", "agent-legacy", 0)

    assert found.counts == {CellState.ADVISED: 1}


def test_what_was_seen_once_is_counted_as_suspect(estate: Estate) -> None:
    turn(estate, {legacy("pc-003"): MSRPC})
    tell(estate, {legacy("pc-003"): REFUSED}, 6)

    found = cell(estate, Phase.BASELINE, "home", "agent-legacy", 7)

    assert (found.counts, found.suspect) == ({CellState.OK: 1}, 1)


@given(
    st.lists(st.sampled_from([MSRPC, GRPC, REFUSED, FILTERED, REJECTED]), min_size=3, max_size=3),
    st.sampled_from(list(Phase)),
)
def test_cells_count_each_path_that_the_rows_would_show(
    seen: list[Observation], phase: Phase
) -> None:
    estate = started()
    turn(estate, {legacy(agent): one for agent, one in zip(AGENTS, seen, strict=True)})
    turn(estate, {HANDLER: seen[0]}, 10)

    rows, rolled = rolled_up(estate, phase, 16)
    every = {row.path: row for row in estate.matrix(phase, at(16))}

    of_agents = {path: row for path, row in every.items() if row.src in AGENTS}
    assert sum(sum(one.counts.values()) for one in rolled) == len(of_agents)
    assert {row.path for row in rows} == set(every) - set(of_agents)
    for one in rolled:
        assert one.reason == every[one.path].reason
