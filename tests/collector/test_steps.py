import msgspec

from collector.assignments import check_key
from collector.memory import Event, EventKind
from collector.source import Source
from collector.state import State
from collector.steps import Step, step_events
from flows.cells import Cell, observe
from flows.outcomes import Certificate, Observation, Outcome
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_OLD,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    INVENTORY,
    REFUSED,
    at,
    state_of,
)


def events_of(state: State, path: str, *seen: Observation, away: bool = False) -> list[list[Event]]:
    """List what each observation after the first one tells, 15 seconds apart."""
    return all_events_of(state, path, *seen, away=away)[1:]


def all_events_of(
    state: State, path: str, *seen: Observation, away: bool = False
) -> list[list[Event]]:
    """List what each observation tells, 15 seconds apart."""
    key = check_key(state.plan.paths[path])
    cell: Cell | None = None
    told: list[list[Event]] = []
    for count, observation in enumerate(seen):
        after = observe(cell, observation, at(15 * count))
        source = Source(key[0], {key: after}, state.assignments)
        step = Step(key, cell, after)
        told.append(list(step_events(step, source, state.judge, away=away)))
        cell = after
    return told


def test_what_is_broken_when_it_is_first_measured_is_told() -> None:
    [[event]] = all_events_of(state_of(), CONSOLE, FILTERED)

    assert event == Event(
        at=at(0),
        kind=EventKind.TURN,
        subject=CONSOLE,
        before="unproven",
        after="broken",
        reason="no answer from it: dropped on the way, or there",
    )


def test_what_is_as_it_should_be_when_it_is_first_measured_is_not_told() -> None:
    assert all_events_of(state_of(), CONSOLE, HTTPS) == [[]]


def test_what_proves_nothing_when_it_is_first_measured_is_not_told() -> None:
    fault = Observation(outcome=Outcome.FAULT, detail="no memory")

    assert all_events_of(state_of(), CONSOLE, fault) == [[]]
    assert all_events_of(state_of(), CONSOLE, FILTERED, away=True) == [[]]


def test_the_same_again_tells_nothing() -> None:
    assert events_of(state_of(), CONSOLE, HTTPS, HTTPS) == [[]]


def test_something_else_is_told_as_a_suspicion_and_then_as_a_turn() -> None:
    [[suspect], [turn]] = events_of(state_of(), CONSOLE, HTTPS, FILTERED, FILTERED)

    assert suspect == Event(
        at=at(15),
        kind=EventKind.SUSPECT,
        subject=CONSOLE,
        before="ok",
        after="broken",
        reason="no answer from it: dropped on the way, or there",
    )
    assert turn.kind is EventKind.TURN
    assert (turn.at, turn.before, turn.after) == (at(30), "ok", "broken")


def test_a_suspicion_that_is_not_confirmed_tells_no_turn() -> None:
    [[suspect], back] = events_of(state_of(), CONSOLE, HTTPS, FILTERED, HTTPS)

    assert suspect.kind is EventKind.SUSPECT
    assert back == []


def test_a_turn_that_leaves_the_verdict_as_it_is_is_told_all_the_same() -> None:
    told = events_of(state_of(), CONSOLE, FILTERED, REFUSED, REFUSED)

    assert [(event.before, event.after) for [event] in told] == [("broken", "broken")] * 2


def test_a_dead_host_that_is_silent_and_out_of_reach_by_turns_is_told_once() -> None:
    lost = msgspec.structs.replace(FILTERED, outcome=Outcome.REJECTED, icmp=(3, 1))

    told = events_of(state_of(), CONSOLE, HTTPS, FILTERED, lost, lost, FILTERED, FILTERED, lost)

    assert [[event.kind for event in events] for events in told] == [
        [EventKind.SUSPECT],
        [EventKind.TURN],
        *[[]] * 4,
    ]


def test_a_firewall_that_rejects_what_it_dropped_is_told() -> None:
    rejected = msgspec.structs.replace(FILTERED, outcome=Outcome.REJECTED, icmp=(3, 13))

    told = events_of(state_of(), CONSOLE, FILTERED, rejected, rejected)

    assert [event.kind for [event] in told] == [EventKind.SUSPECT, EventKind.TURN]


def test_another_certificate_alone_is_not_told() -> None:
    def shown(fingerprint: str) -> Observation:
        parts = {name: getattr(HTTPS, name) for name in HTTPS.__struct_fields__}
        parts["certificate"] = Certificate(der=b"", sha256=fingerprint)
        return Observation(**parts)

    assert events_of(state_of(), CONSOLE, shown("a"), shown("b"), shown("b")) == [[], []]


def test_a_path_that_the_phase_does_not_ask_for_is_not_told() -> None:
    told = events_of(state_of(phase=Phase.BASELINE), HANDLER, FILTERED, REFUSED, REFUSED)

    assert told == [[], []]


def test_every_path_of_a_shared_check_is_told() -> None:
    text = INVENTORY.replace("waivers:", _SECOND_ROW + "waivers:")

    [suspects] = events_of(state_of(text), CONSOLE, HTTPS, GRPC)

    assert [event.subject for event in suspects] == [CONSOLE, "web:con-01>be-02:tcp/443"]


_SECOND_ROW = """\
extra_flows:
  - flow: web
    from: con-01
    to: be-02
    proto: tcp
    port: 443
    service: https
    expect: serve
    why: the web page
"""


def test_a_path_of_a_probe_that_is_cut_off_turns_unproven() -> None:
    told = events_of(state_of(), CONSOLE_OLD, HTTPS, FILTERED, FILTERED, away=True)

    [turn] = told[1]
    assert (turn.before, turn.after) == ("ok", "unproven")
    assert turn.reason.startswith("the probe is cut off: nothing but the collector answers it")
