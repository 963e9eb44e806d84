from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.memory import Changes, Counts, ProbeSeen
from collector.skew import ProbeClock, aware
from flows.messages import ProbeState, Report, Result
from flows.outcomes import Outcome
from tests.collector.samples import CONSOLE, HTTPS, REFUSED, at, id_of, reporting, started

CELL = ("con-01", "be-02.acme.example", "tcp", 443)
EVER = st.datetimes(datetime(2000, 1, 1), datetime(8999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes bounds without a zone


def sent(moment: datetime) -> Report:
    return Report(host="con-01", stream="a", seq=1, sent=moment, probe=ProbeState(version="0.1.0"))


def made(*moments: float) -> list[Result]:
    return [Result(check=1, at=at(moment), outcome=Outcome.OPEN) for moment in moments]


def known(correction: float = 0.0, newest: datetime | None = None) -> ProbeSeen:
    return ProbeSeen(last_seen=at(0), version="0.1.0", correction=correction, newest=newest)


def told(clock: ProbeClock, now: float, *moments: float) -> list[float]:
    """Say when results were made, in seconds after NOW."""
    return [(when - at(0)).total_seconds() for _, when, _ in clock.tell(made(*moments), at(now))]


@pytest.mark.parametrize("skew", [-5.0, -0.2, 0.0, 5.0])
def test_a_little_skew_may_be_the_way_and_corrects_nothing(skew: float) -> None:
    clock = ProbeClock.of(sent(at(100 + skew)), None, at(100))

    assert (clock.skew.total_seconds(), clock.correction) == (skew, timedelta(0))


@pytest.mark.parametrize("skew", [-3600.0, -5.1, 5.1, 86400.0])
def test_more_is_a_wrong_clock_and_is_taken_off(skew: float) -> None:
    clock = ProbeClock.of(sent(at(100 + skew)), None, at(100))

    assert clock.correction.total_seconds() == skew
    assert told(clock, 100, 85 + skew, 99 + skew) == [85, 99]


def test_a_correction_holds_while_the_skew_stays_about_the_same() -> None:
    clock = ProbeClock.of(sent(at(3700 - 4)), known(correction=3600), at(100))

    assert clock.correction.total_seconds() == 3600


def test_a_clock_that_was_put_right_needs_no_correction_any_more() -> None:
    clock = ProbeClock.of(sent(at(99)), known(correction=3600), at(100))

    assert clock.correction == timedelta(0)


def test_what_would_still_be_in_the_future_moves_to_the_present_by_the_same_time() -> None:
    clock = ProbeClock.of(sent(at(104)), None, at(100))

    assert told(clock, 100, 95, 101, 103) == [95, 98, 100]


def test_results_are_told_in_the_order_of_their_making() -> None:
    clock = ProbeClock.of(sent(at(100)), None, at(100))

    assert told(clock, 100, 30, 10, 20) == [10, 20, 30]


def test_the_newest_result_is_remembered() -> None:
    first = ProbeClock.of(sent(at(100)), None, at(100))
    later = ProbeClock.of(sent(at(100)), known(newest=at(50)), at(100))

    assert first.after(first.tell(made(10, 30, 20), at(100))) == at(30)
    assert later.after(later.tell(made(10), at(100))) == at(50)
    assert later.after([]) == at(50)
    assert first.after([]) is None


def test_a_clock_that_was_set_back_has_its_newest_result_still_before_it() -> None:
    clock = ProbeClock.of(sent(at(100)), known(newest=at(3600)), at(100))

    assert clock.newest == at(100)


def test_a_time_without_a_zone_is_utc() -> None:
    assert aware(at(5).replace(tzinfo=None)) == at(5)


@given(EVER, EVER, EVER)
def test_nonsense_breaks_nothing_and_is_never_in_the_future(
    one: datetime, other: datetime, moment: datetime
) -> None:
    now = at(0)
    clock = ProbeClock.of(sent(moment), None, now)
    results = [Result(check=1, at=made_at, outcome=Outcome.OPEN) for made_at in (one, other)]

    found = [when for _, when, _ in clock.tell(results, now)]

    assert found == sorted(found)
    assert all(when <= now for when in found)


class Way:
    """The way of a probe's reports to an estate: a wrong clock, and as slow as it likes."""

    def __init__(self, skew: float) -> None:
        self.skew = skew
        self.estate = started()
        self.check = id_of(self.estate, CONSOLE)

    def bring(self, sent_at: float, late: float, *seen_at: float) -> Changes:
        """Bring a report; each of its results is another than the one before."""
        results = ((self.check, HTTPS, at(moment + self.skew)) for moment in seen_at)
        report = msgspec.structs.replace(
            reporting(self.estate, *results), sent=at(sent_at + self.skew)
        )
        changes = self.estate.decide_report(report, at(sent_at + late))
        self.estate.apply(changes)
        return changes

    def seen_at(self) -> float:
        return (self.estate.memory.cells[CELL].observed_at - at(0)).total_seconds()


def test_a_report_that_was_slow_does_not_overtake_the_next_one() -> None:
    way = Way(skew=0)
    way.bring(10, 0, 9)
    slow = way.bring(20, 25, 19)
    shown = way.seen_at()

    fast = way.bring(46, 0.1, 21)

    assert shown == 44
    assert (slow.counts, fast.counts) == (Counts(accepted=1), Counts(accepted=1))
    assert way.seen_at() == pytest.approx(44, abs=0.001)


def test_what_comes_a_second_time_is_not_lifted_over_what_is_known() -> None:
    way = Way(skew=0)
    way.bring(20, 25, 19)

    again = way.bring(50, 0, 19)

    assert again.counts == Counts(old=1)


def test_a_change_by_a_wrong_clock_is_confirmed_at_its_own_time() -> None:
    way = Way(skew=-7200)
    way.bring(1, 0, 0)
    wrong = [(way.check, REFUSED, at(moment - 7200)) for moment in (15, 20)]
    report = msgspec.structs.replace(reporting(way.estate, *wrong), sent=at(21 - 7200))

    way.estate.apply(way.estate.decide_report(report, at(21)))

    cell = way.estate.memory.cells[CELL]
    assert (cell.confirmed, cell.since, cell.observed_at) == (REFUSED, at(15), at(20))


@settings(deadline=None, max_examples=50)
@given(
    st.floats(-100_000, 100_000),
    st.lists(
        st.tuples(st.floats(0.01, 20), st.floats(0, 29), st.integers(1, 3)), min_size=1, max_size=8
    ),
)
def test_whatever_the_clock_and_the_way_order_is_kept_and_nothing_is_in_the_future(
    skew: float, reports: list[tuple[float, float, int]]
) -> None:
    way = Way(skew)
    now = 0.0
    shown = [-100_000.0]

    for pause, late, count in reports:
        made_at = [now + pause * (index + 1) / count for index in range(count)]
        now += pause
        changes = way.bring(now, late, *made_at)
        now += late
        shown.append(way.seen_at())

        assert changes.counts.accepted == count
        assert shown[-1] <= now + 1e-6
        assert shown[-1] >= made_at[-1] - 5 - late - 1e-3
    assert all(before < after for before, after in pairwise(shown))
