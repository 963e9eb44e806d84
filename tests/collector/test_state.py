import pytest

from collector.assignments import check_key
from collector.memory import Changes, PhaseSet, ProbeSeen
from collector.state import State, Touched
from collector.timing import Timing
from flows.cells import Cell, observe
from flows.errors import Refused
from flows.hosts import Version
from flows.outcomes import Observation
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    NOW,
    at,
    remembered,
    state_of,
)


def cell(observation: Observation, seconds: float = 0) -> Cell:
    return observe(None, observation, at(seconds))


def seen(state: State, **observations: Observation) -> Changes:
    """Write changes of the cells of con-01, named by what the console calls."""
    paths = {"separate": CONSOLE, "old": CONSOLE_OLD, "new": CONSOLE_NEW}
    cells = {
        check_key(state.plan.paths[paths[name]]): cell(observation)
        for name, observation in observations.items()
    }
    return Changes(cells=cells)


def test_a_state_remembers_what_it_was_built_of() -> None:
    key = ("con-01", "10.1.0.11", "tcp", 443)
    memory = remembered(
        phase=Phase.PREPARE,
        cells={key: cell(HTTPS)},
        check_ids={key: 7},
        versions={"be-01": Version("2.7.1")},
        probes={"con-01": ProbeSeen(last_seen=at(0), version="0.1.0")},
        reached=frozenset({(Phase.PREPARE, CONSOLE_NEW)}),
        breaks={key: at(0)},
    )

    assert State(memory, Timing(), NOW).memory() == memory


def test_an_inventory_that_cannot_be_read_is_refused_with_its_name() -> None:
    with pytest.raises(Refused, match=r"^inventory\.yaml:1: "):
        state_of("hosts: {}\n")


def test_what_stands_in_the_future_counts_as_of_now() -> None:
    key = ("con-01", "10.1.0.11", "tcp", 443)

    state = state_of(cells={key: cell(HTTPS, 3600)})

    assert state.cells[key].observed_at == at(0)
    assert state.cells[key].since == at(0)


def test_applying_tells_whose_paths_have_to_be_judged_anew() -> None:
    state = state_of()

    assert state.apply(seen(state, separate=HTTPS)) == Touched({"con-01"}, set())
    assert state.apply(Changes()) == Touched(set(), set())


def test_another_phase_has_another_judge() -> None:
    state = state_of()

    state.apply(Changes(phase=PhaseSet(phase=Phase.PREPARE, since=at(0))))

    assert state.judge.current is Phase.PREPARE


def test_what_was_prepared_for_a_plan_is_taken_and_nothing_else() -> None:
    state, prepared, other = state_of(), state_of().plan, state_of().plan
    state.prepare(Changes(plan=prepared))

    state.apply(Changes(plan=other))
    assert state.plan is other
    state.prepare(Changes(plan=prepared))
    state.apply(Changes(plan=prepared))

    assert state.plan is state.assignments.plan is state.judge.plan is prepared


def test_what_is_taken_back_is_gone() -> None:
    state = state_of(versions={"be-01": Version("2.6")})
    key = check_key(state.plan.paths[CONSOLE])

    state.apply(Changes(breaks={key: at(0)}))
    state.apply(Changes(versions={"be-01": None, "be-02": None}, breaks={key: None}))

    assert state.versions == {}
    assert state.breaks == {}


def test_cells_that_are_forgotten_are_gone_with_their_breaks() -> None:
    state = state_of()
    state.apply(seen(state, separate=HTTPS))
    key = check_key(state.plan.paths[CONSOLE])
    state.apply(Changes(breaks={key: at(0)}))

    state.apply(Changes(forgotten=frozenset({key})))

    assert state.cells == {}
    assert state.breaks == {}


def test_ids_that_are_given_lead_back_to_their_check() -> None:
    state = state_of()

    state.apply(Changes(check_ids={("con-01", "10.1.0.11", "tcp", 443): 12}))

    assert state.keys[12] == ("con-01", "10.1.0.11", "tcp", 443)


def test_a_probe_is_up_while_it_reports_within_three_intervals() -> None:
    probes = {name: ProbeSeen(last_seen=at(0), version="0.1.0") for name in ("con-01", "pc-001")}
    state = state_of(probes=probes)

    assert state.is_up("con-01", at(45))
    assert not state.is_up("con-01", at(46))
    assert state.is_up("pc-001", at(180))
    assert not state.is_up("con-02", at(0))


def test_a_probe_is_away_by_what_it_and_its_neighbours_see() -> None:
    state = state_of()
    state.apply(seen(state, separate=FILTERED, old=FILTERED, new=FILTERED))
    assert not state.is_away("con-01", at(1))

    state.apply(Changes(cells={("con-02", "10.1.0.11", "tcp", 443): cell(HTTPS)}))

    assert state.is_away("con-01", at(1))


def test_probes_that_are_away_are_still_away_after_a_restart() -> None:
    state = state_of()
    state.apply(seen(state, separate=FILTERED, old=FILTERED))
    state.apply(Changes(cells={check_key(state.plan.paths[HANDLER]): cell(GRPC)}))
    state.apply(Changes(cells={("con-02", "10.1.0.11", "tcp", 443): cell(HTTPS)}))

    again = state_of(cells=state.memory().cells)

    assert again.is_away("con-01", at(1))


def test_every_application_is_counted() -> None:
    state = state_of()

    state.apply(Changes())
    state.apply(Changes())

    assert state.revision == 2
