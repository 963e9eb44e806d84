from collector.goals import Goals, goal_events, is_pending, unit_id
from collector.memory import Event, EventKind
from flows.gates import Rules
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    INVENTORY,
    REFUSED,
    at,
    started,
    state_of,
    tell,
)

UNIT = "agent:hq/*>ah-02"
OTHERS = {HANDLER.replace("pc-001", name): REFUSED for name in ("pc-002", "pc-003")}


def test_only_prepare_and_complete_have_goals() -> None:
    plan = state_of().plan

    with_goals = {phase for phase in Phase if Goals(plan, phase).paths or Goals(plan, phase).units}

    assert with_goals == {Phase.PREPARE, Phase.COMPLETE}


def test_goals_of_agents_are_units_and_all_others_are_paths() -> None:
    goals = Goals(state_of().plan, Phase.PREPARE)

    assert set(goals.units) == {"agent:hq/*>ah-02", "agent:hq/*>be-01"}
    assert {path.id for path in goals.paths["con-01"]} == {CONSOLE_NEW}
    assert "pc-001" not in goals.paths
    assert sorted(goals.units_of["pc-001"]) == sorted(goals.units)


def test_a_goal_is_pending_until_it_is_reached() -> None:
    path = state_of().plan.paths[CONSOLE_NEW]

    assert is_pending(path, Phase.PREPARE, set())
    assert not is_pending(path, Phase.PREPARE, {(Phase.PREPARE, CONSOLE_NEW)})
    assert is_pending(path, Phase.PREPARE, {(Phase.COMPLETE, CONSOLE_NEW)})


def test_what_is_no_goal_is_never_pending() -> None:
    plan = state_of().plan

    assert not is_pending(plan.paths[CONSOLE], Phase.PREPARE, set())
    assert not is_pending(plan.paths[CONSOLE_NEW], Phase.BACKOFFICE, set())


def test_an_agents_path_is_pending_with_its_unit() -> None:
    path = state_of().plan.paths[HANDLER]

    assert unit_id(path, "hq") == UNIT
    assert is_pending(path, Phase.PREPARE, set())
    assert not is_pending(path, Phase.PREPARE, {(Phase.PREPARE, UNIT)})


def test_a_report_that_shows_a_goal_reached_says_so() -> None:
    estate = started(phase=Phase.PREPARE)

    [changes] = tell(estate, {CONSOLE_NEW: REFUSED}, 3)

    assert changes.reached == {(Phase.PREPARE, CONSOLE_NEW)}
    event = next(event for event in changes.events if event.kind is EventKind.GOAL)
    assert (event.at, event.subject, event.after) == (at(3), CONSOLE_NEW, "prepare")
    assert event.reason == (
        "it refused the connection; nobody listens yet, and the network let it through,"
        " or a firewall answered for it"
    )


def test_a_goal_is_reached_once() -> None:
    estate = started(phase=Phase.PREPARE)
    tell(estate, {CONSOLE_NEW: REFUSED})

    [changes] = tell(estate, {CONSOLE_NEW: REFUSED}, 15)

    assert changes.reached == frozenset()


def test_a_goal_that_is_not_shown_is_not_reached() -> None:
    estate = started(phase=Phase.PREPARE)

    [changes] = tell(estate, {CONSOLE_NEW: FILTERED})

    assert changes.reached == frozenset()


def test_goals_of_other_phases_are_left_alone() -> None:
    [changes] = tell(started(phase=Phase.BASELINE), {CONSOLE_NEW: REFUSED})

    assert changes.reached == frozenset()


def test_a_unit_of_agents_is_reached_with_enough_of_them() -> None:
    estate = started(phase=Phase.PREPARE, rules=Rules(min_sources=3))

    first = tell(estate, OTHERS)
    [last] = tell(estate, {HANDLER: REFUSED})

    assert [changes.reached for changes in first] == [frozenset()] * 2
    assert last.reached == {(Phase.PREPARE, UNIT)}


def test_a_unit_is_not_reached_while_too_many_of_its_agents_fail() -> None:
    estate = started(phase=Phase.PREPARE, rules=Rules(min_sources=1, min_ok=0.9))

    blocked = tell(estate, dict.fromkeys(OTHERS, FILTERED))
    [changes] = tell(estate, {HANDLER: GRPC})

    assert all(one.reached == frozenset() for one in (*blocked, changes))


def test_a_control_that_comes_later_reaches_a_goal_as_well() -> None:
    text = INVENTORY.replace("waivers:", "extra_flows:\n" + _EXTRA + "waivers:")
    estate = started(text, phase=Phase.COMPLETE)
    closed = "probe:con-01>be-01:tcp/17000"
    tell(estate, {closed: FILTERED})

    [changes] = tell(estate, {CONSOLE_NEW: HTTPS}, 5)

    assert (Phase.COMPLETE, closed) in changes.reached


_EXTRA = (
    "  - {flow: probe, from: con-01, to: be-01, proto: tcp, port: 17000, service: msrpc,"
    " expect: {baseline: serve, complete: closed}, why: a jump host}\n"
)


def test_large_units_are_left_to_the_round_that_looks_at_all() -> None:
    many = ", ".join(f"x-{n}" for n in range(70))
    hosts = "".join(f"  x-{n}: {{address: 10.8.0.{n}, roles: [agent]}}\n" for n in range(70))
    text = INVENTORY.replace("handler_groups:", hosts + "handler_groups:")
    text = text.replace("agents: [", f"agents: [{many}, ")
    estate = started(text, phase=Phase.PREPARE)

    [changes] = tell(estate, {HANDLER: REFUSED})
    found = estate.decide_goals(at(1))

    assert changes.reached == frozenset()
    assert found.reached == {(Phase.PREPARE, UNIT)}
    assert [event.kind for event in found.events] == [EventKind.GOAL]


def test_the_round_finds_nothing_twice() -> None:
    estate = started(phase=Phase.PREPARE)
    tell(estate, {CONSOLE_NEW: REFUSED, HANDLER: REFUSED})

    assert estate.decide_goals(at(1)).empty


def test_a_start_finds_goals_that_were_reached_unseen() -> None:
    baseline = started(phase=Phase.BASELINE)
    tell(baseline, {CONSOLE_NEW: REFUSED})

    again = started(phase=Phase.PREPARE, cells=baseline.memory.cells)

    assert again.memory.reached == {(Phase.PREPARE, CONSOLE_NEW)}


def test_an_event_names_the_goal_and_its_phase() -> None:
    [event] = goal_events(Phase.COMPLETE, {"a:b>c:tcp/1": "no answer"}, at(9))

    assert event == Event(
        at=at(9), kind=EventKind.GOAL, subject="a:b>c:tcp/1", after="complete", reason="no answer"
    )
