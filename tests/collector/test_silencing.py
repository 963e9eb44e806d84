from datetime import datetime

import pytest

from collector.estate import Estate
from collector.memory import Changes, Event, EventKind, Reach, Silence, SilencedBy
from collector.silencing import decide_end, decide_ends, decide_silence
from flows.errors import UsageError
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    HTTPS,
    REFUSED,
    REJECTED,
    at,
    row_of,
    started,
    state_of,
    tell,
    told_to_alerts,
    turn,
)


def window(
    glob: str = "be-02",
    reach: Reach = Reach.HOSTS,
    begins: datetime | None = None,
    until: datetime | None = None,
    kind: SilencedBy = SilencedBy.MAINTENANCE,
) -> Silence:
    return Silence(
        kind=kind,
        reach=reach,
        glob=glob,
        reason="new disks",
        begins=begins,
        until=until or at(60),
        by="ann",
    )


def under(silence: Silence) -> Estate:
    """Start an estate and give it this."""
    estate = started()
    estate.apply(estate.decide_silence("a", silence, at(0)))
    return estate


def broken(changes: Changes) -> list[str]:
    return [event.subject for event in changes.events if event.before == "silenced"]


def test_what_is_said_of_paths_holds_at_once_and_is_an_event() -> None:
    estate = started()

    changes = estate.decide_silence("a", window(), at(0))
    estate.apply(changes)

    assert changes.events == (
        Event(
            at=at(0),
            kind=EventKind.MAINTENANCE,
            subject="be-02",
            after="until 2026-11-23T12:01:00.000Z",
            reason="new disks",
            by="ann",
        ),
    )
    assert estate.state.silences.of(CONSOLE, at(0)) is SilencedBy.MAINTENANCE
    assert estate.memory.silences == {"a": window()}


def test_an_event_names_a_beginning_and_a_site() -> None:
    silence = window("dc1", Reach.SITES, begins=at(30))

    [event] = decide_silence(state_of(), "a", silence, at(0)).events

    assert event.subject == "site dc1"
    assert event.after == "from 2026-11-23T12:00:30.000Z until 2026-11-23T12:01:00.000Z"


@pytest.mark.parametrize(
    ("silence", "said"),
    [
        (
            window("sqll:*", Reach.PATHS, kind=SilencedBy.WAIVER),
            "no path of the plan matches 'sqll:*';"
            " a path is written as in agent:pc-001>ah-01:tcp/443",
        ),
        (window("be-03"), "no host is named 'be-03' (did you mean 'be-02'?)"),
        (window("dc2", Reach.SITES), "no site is named 'dc2' (did you mean 'dc1'?)"),
    ],
)
def test_a_pattern_that_names_nothing_is_refused(silence: Silence, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        decide_silence(state_of(), "a", silence, at(0))

    assert str(refused.value) == said


def test_maintenance_never_freezes_a_verdict() -> None:
    estate = under(window())

    turn(estate, {CONSOLE: HTTPS})
    [turned] = turn(estate, {CONSOLE: FILTERED}, 20)

    assert [event.after for event in turned.events if event.kind is EventKind.TURN] == ["broken"]
    assert row_of(estate, CONSOLE, 30).verdict == "broken"
    assert not told_to_alerts(estate, CONSOLE, at(30))


def test_what_is_broken_when_maintenance_ends_is_told_then() -> None:
    estate = under(window())
    turn(estate, {CONSOLE: FILTERED})

    during, after = estate.decide_ends(at(59)), estate.decide_ends(at(60))
    estate.apply(after)

    assert during.empty
    assert [(event.subject, event.before, event.after) for event in after.events] == [
        ("be-02", "until 2026-11-23T12:01:00.000Z", "ended"),
        (CONSOLE, "silenced", "broken"),
    ]
    assert after.events[1].kind is EventKind.MAINTENANCE
    assert after.events[1].reason == "no answer from it: dropped on the way, or there"
    assert told_to_alerts(estate, CONSOLE, at(60))
    assert estate.memory.silences == {}
    assert estate.decide_ends(at(61)).empty


def test_an_end_that_nobody_saw_is_told_at_the_next_start() -> None:
    estate = under(window())
    turn(estate, {CONSOLE: FILTERED})
    memory = estate.memory

    again = started(cells=memory.cells, silences=memory.silences, check_ids=memory.check_ids)
    changes = again.decide_start(at(3600))

    assert broken(changes) == [CONSOLE]
    assert changes.silences == {"a": None}


def test_what_is_not_broken_at_the_end_is_not_told() -> None:
    estate = under(window())
    turn(estate, {CONSOLE: FILTERED})
    turn(estate, {CONSOLE: HTTPS}, 20)

    assert broken(estate.decide_ends(at(60))) == []


def test_what_another_silence_covers_is_not_told() -> None:
    estate = under(window())
    other = window(CONSOLE, Reach.PATHS, until=at(90), kind=SilencedBy.WAIVER)
    estate.apply(estate.decide_silence("b", other, at(0)))
    turn(estate, {CONSOLE: FILTERED})

    estate.apply(first := estate.decide_ends(at(60)))
    second = estate.decide_ends(at(90))

    assert broken(first) == []
    assert broken(second) == [CONSOLE]
    assert second.events[-1].kind is EventKind.WAIVER


def test_an_attestation_hid_nothing_that_could_be_told() -> None:
    estate = under(window(CONSOLE, Reach.PATHS, kind=SilencedBy.ATTESTATION))
    turn(estate, {CONSOLE: FILTERED})

    assert broken(estate.decide_ends(at(60))) == []


def lost_permit(*silences: Silence) -> Estate:
    """Break a permit of the phase, confirmed twice at second 20."""
    given = {f"{index}": one for index, one in enumerate(silences)}
    estate = started(phase=Phase.PREPARE, silences=given)
    turn(estate, {CONSOLE_NEW: REFUSED})
    turn(estate, {CONSOLE_NEW: REJECTED}, 20)
    return estate


def test_an_attestation_that_ends_over_a_break_that_nobody_sees_any_more_is_told() -> None:
    word = window(CONSOLE_NEW, Reach.PATHS, until=at(3600), kind=SilencedBy.ATTESTATION)
    estate = lost_permit(word)
    silent = told_to_alerts(estate, CONSOLE_NEW, at(3599))

    estate.apply(changes := estate.decide_ends(at(3600)))

    assert broken(changes) == [CONSOLE_NEW]
    assert changes.events[-1].kind is EventKind.ATTESTATION
    assert (silent, told_to_alerts(estate, CONSOLE_NEW, at(3600))) == (False, True)


def test_maintenance_that_ends_over_what_is_attested_tells_nothing() -> None:
    word = window(CONSOLE_NEW, Reach.PATHS, until=at(9000), kind=SilencedBy.ATTESTATION)
    estate = lost_permit(window("be-01", until=at(3600)), word)

    estate.apply(changes := estate.decide_ends(at(3600)))

    assert [event.subject for event in changes.events] == ["be-01"]
    assert not told_to_alerts(estate, CONSOLE_NEW, at(3600))


def test_what_two_words_hid_is_told_once_when_both_end() -> None:
    word = window(CONSOLE_NEW, Reach.PATHS, until=at(3600), kind=SilencedBy.ATTESTATION)

    changes = lost_permit(window("be-01", until=at(3600)), word).decide_ends(at(3600))

    assert broken(changes) == [CONSOLE_NEW]
    assert changes.events[-1].kind is EventKind.MAINTENANCE


def test_what_is_taken_back_ends_at_once() -> None:
    estate = under(window())
    tell(estate, {CONSOLE: FILTERED})

    changes = estate.decide_end(SilencedBy.MAINTENANCE, "a", at(5), "bob")
    estate.apply(changes)

    first, second = changes.events
    assert (first.after, first.by, second.subject) == ("taken back", "bob", CONSOLE)
    assert second.by is None
    assert estate.state.silences.of(CONSOLE, at(5)) is None


def test_a_window_that_is_called_off_before_it_began_hid_nothing() -> None:
    estate = under(window(begins=at(30)))
    tell(estate, {CONSOLE: FILTERED})

    changes = estate.decide_end(SilencedBy.MAINTENANCE, "a", at(5))

    assert broken(changes) == []


@pytest.mark.parametrize(
    ("kind", "name"), [(SilencedBy.MAINTENANCE, "b"), (SilencedBy.WAIVER, "a")]
)
def test_what_was_not_given_cannot_be_taken_back(kind: SilencedBy, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        decide_end(state_of(silences={"a": window()}), kind, name, at(0), None)

    assert str(refused.value) == f"there is no {kind} with the id '{name}'"


def test_nothing_is_over_where_nothing_was_said() -> None:
    assert decide_ends(state_of(), at(10**6)).empty
