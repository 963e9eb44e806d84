"""A refused act is an event at once; a thousand like it are two, and none is lost."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.memory import Event, EventKind
from collector.refusals import MINUTE, Act, Refusals, told
from tests.collector.samples import at


def act(by: str | None = "vera", problem: str = "no-right", subject: str = "vera") -> Act:
    return Act(EventKind.CREDENTIAL, subject, problem, f"for {by}", by)


def tell(refusals: Refusals, seconds: float, least: timedelta = MINUTE) -> list[str]:
    return [told(one, at(seconds)).reason for one in refusals.take(at(seconds), least)]


def test_the_first_is_told_at_once() -> None:
    assert Refusals().note(act(), at(3)) == Event(
        at=at(3),
        kind=EventKind.CREDENTIAL,
        subject="vera",
        reason="refused: for vera",
        by="vera",
    )


def test_those_like_it_are_counted_for_a_minute() -> None:
    refusals = Refusals()
    refusals.note(act(), at(0))

    again = [refusals.note(act(), at(second)) for second in range(5)]

    assert again == [None] * 5
    assert tell(refusals, 59) == []
    assert tell(refusals, 60) == ["refused: 5 more like it within a minute; the last: for vera"]
    assert tell(refusals, 61) == []


def test_after_a_quiet_minute_nothing_more_is_told() -> None:
    refusals = Refusals()
    refusals.note(act(), at(0))

    assert tell(refusals, 60) == []
    assert refusals.note(act(), at(61)) is not None


def test_another_name_or_another_problem_is_told_for_itself() -> None:
    refusals = Refusals()
    refusals.note(act(), at(0))

    assert refusals.note(act("olaf"), at(1)) is not None
    assert refusals.note(act(problem="gate-not-ready"), at(1)) is not None


def test_the_nameless_are_all_alike_and_the_last_is_named() -> None:
    refusals = Refusals()
    refusals.note(act(None, "not-let-in", "pc-1"), at(0))
    refusals.note(act(None, "not-let-in", "pc-2"), at(1))

    [counted] = refusals.take(at(60))

    assert (told(counted, at(60)).subject, told(counted, at(60)).by) == ("pc-2", None)


def test_a_long_reason_is_cut() -> None:
    event = Refusals().note(act()._replace(reason="x" * 9000), at(0))

    assert event is not None
    assert len(event.reason) == 300
    assert event.reason.endswith("x…")


def test_what_could_not_be_told_is_told_later() -> None:
    refusals = Refusals()
    refusals.note(act(), at(0))
    refusals.count(act())
    refused = refusals.take(at(60))
    refusals.note(act(), at(61))
    refusals.note(act(), at(62))

    refusals.put_back(refused)

    assert tell(refusals, 121) == ["refused: 2 more like it within a minute; the last: for vera"]


def test_at_the_end_all_is_told() -> None:
    refusals = Refusals()
    refusals.note(act(), at(0))
    refusals.note(act(), at(1))

    assert len(tell(refusals, 2, timedelta())) == 1


names = st.one_of(st.none(), st.integers(0, 60).map(lambda number: f"name-{number}"))


@given(
    st.lists(st.tuples(names, st.sampled_from(["no-right", "forged"])), max_size=300),
    st.integers(1, 20),
)
def test_however_many_there_are_few_are_told_and_all_are_counted(
    acts: list[tuple[str | None, str]], per_second: int
) -> None:
    refusals = Refusals()
    events: list[Event] = []
    counted = 0
    for number, (by, problem) in enumerate(acts):
        moment = at(number // per_second)
        event = refusals.note(act(by, problem), moment)
        if event is not None:
            events.append(event)
        elif number % 7 == 0:
            untold = refusals.take(moment)
            events += [told(one, moment) for one in untold]
            counted += sum(one.untold for one in untold)
    at_once = len(events) - sum(" more like it " in event.reason for event in events)
    last = refusals.take(at(10_000))
    counted += sum(one.untold for one in last)

    minutes = 1 + len(acts) // per_second // 60
    assert at_once + counted == len(acts)
    assert len(events) + len(last) <= 2 * minutes * 2 * (20 + 1)
    assert all(re.fullmatch(r"refused: .*for .*", event.reason) for event in events)
