from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.messages import Result, to_json
from flows.outcomes import Outcome
from probe.runner import whole_milliseconds
from probe.spool import BATCH_BYTES, BATCH_RESULTS, Batch, Spool, Worth, worth_of
from tests.fakes.clock import START

NOW = whole_milliseconds(START)
HOUR = 3600.0


def a_result(number: int, outcome: Outcome = Outcome.OPEN, run: str | None = None) -> Result:
    """Every result of these tests is as long as the others of its outcome."""
    return Result(check=100_000 + number, at=NOW, run=run, outcome=outcome)


SIZE = len(to_json(a_result(0)))


def numbers(batch: Batch | None) -> list[int]:
    """Say which results a batch holds."""
    assert batch is not None
    decoded = (msgspec.json.decode(result, type=Result) for result in batch.results)
    return [result.check - 100_000 for result in decoded]


def filled(spool: Spool, results: Iterable[Result], *, news: bool = False) -> Spool:
    for result in results:
        spool.put([result], news=news)
    return spool


def test_results_leave_in_the_order_of_their_coming_whatever_their_worth() -> None:
    spool = Spool(1 << 20, HOUR, "stream-1")
    spool.put([a_result(1)], news=False)
    spool.put([a_result(2)], news=True)
    spool.put([a_result(3, Outcome.REFUSED)], news=False)

    assert numbers(spool.batch(NOW)) == [1, 2, 3]


def test_a_batch_stays_the_same_until_it_is_settled() -> None:
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), [a_result(1)])
    first = spool.batch(NOW)
    assert first is not None
    spool.put([a_result(2)], news=True)

    again = spool.batch(NOW)
    spool.settle(first)
    second = spool.batch(NOW)

    assert again is first
    assert second is not None
    assert (first.seq, second.seq, numbers(second)) == (1, 2, [2])


def test_an_empty_spool_has_no_batch_and_wastes_no_number() -> None:
    spool = Spool(1 << 20, HOUR, "stream-1")

    nothing = spool.batch(NOW)
    batch = filled(spool, [a_result(1)]).batch(NOW)

    assert nothing is None
    assert batch is not None
    assert batch.seq == 1


def test_what_was_settled_before_settles_nothing_else() -> None:
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), [a_result(1)])
    first = spool.batch(NOW)
    assert first is not None
    spool.settle(first)
    second = filled(spool, [a_result(2)]).batch(NOW)

    spool.settle(first)

    assert spool.batch(NOW) is second


def test_a_batch_holds_a_thousand_results_at_most() -> None:
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), map(a_result, range(BATCH_RESULTS + 5)))

    batch = spool.batch(NOW)

    assert numbers(batch) == list(range(BATCH_RESULTS))
    assert len(spool) == BATCH_RESULTS + 5


def test_a_batch_fits_in_the_body_that_a_collector_takes() -> None:
    big = msgspec.structs.replace(a_result(1), detail="x" * (BATCH_BYTES // 3))
    spool = filled(Spool(1 << 23, HOUR, "stream-1"), [big] * 4)

    batch = spool.batch(NOW)

    assert batch is not None
    assert len(batch.results) == 2


def test_a_result_that_is_too_large_for_a_batch_travels_alone() -> None:
    huge = msgspec.structs.replace(a_result(1), detail="x" * (2 * BATCH_BYTES))
    spool = filled(Spool(1 << 23, HOUR, "stream-1"), [huge, a_result(2)])

    assert numbers(spool.batch(NOW)) == [1]


def test_the_length_counts_all_that_is_not_acknowledged() -> None:
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), map(a_result, range(3)))
    batch = spool.batch(NOW)
    spool.put([a_result(9)], news=False)
    before = len(spool)
    assert batch is not None

    spool.settle(batch)

    assert (before, len(spool)) == (4, 1)


def test_a_full_spool_drops_the_oldest_success_that_says_nothing_new() -> None:
    spool = Spool(SIZE * 3, HOUR, "stream-1")
    spool.put([a_result(1)], news=True)
    filled(spool, [a_result(2), a_result(3), a_result(4), a_result(5)])

    assert numbers(spool.batch(NOW)) == [1, 4, 5]
    assert spool.dropped == 2


def test_failures_outlive_successes_and_news_outlives_both() -> None:
    spool = Spool(SIZE * 3 + 30, HOUR, "stream-1")
    spool.put([a_result(1, Outcome.REFUSED)], news=False)
    spool.put([a_result(2)], news=True)
    spool.put([a_result(3)], news=False)
    spool.put([a_result(4)], news=True)
    spool.put([a_result(5)], news=True)

    assert numbers(spool.batch(NOW)) == [2, 4, 5]


def test_news_is_dropped_only_when_there_is_nothing_else() -> None:
    spool = filled(Spool(SIZE * 2, HOUR, "stream-1"), map(a_result, range(4)), news=True)

    assert numbers(spool.batch(NOW)) == [2, 3]
    assert spool.dropped == 2


def test_what_is_under_way_is_not_dropped() -> None:
    spool = filled(Spool(SIZE * 2, HOUR, "stream-1"), map(a_result, range(2)))
    batch = spool.batch(NOW)

    filled(spool, map(a_result, range(2, 7)))

    assert numbers(batch) == [0, 1]
    assert spool.batch(NOW) is batch
    assert (len(spool), spool.dropped) == (4, 3)


def test_what_is_too_old_is_dropped_and_counted() -> None:
    old = msgspec.structs.replace(a_result(1), at=NOW - timedelta(seconds=HOUR + 1))
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), [old, a_result(2)], news=True)

    assert numbers(spool.batch(NOW)) == [2]
    assert spool.dropped == 1


def test_a_spool_of_old_results_only_has_no_batch() -> None:
    spool = filled(Spool(1 << 20, HOUR, "stream-1"), [a_result(1)])

    assert spool.batch(NOW + timedelta(hours=2)) is None


@pytest.mark.parametrize(
    ("result", "news", "worth"),
    [
        (a_result(1), False, Worth.SUCCESS),
        (a_result(1, Outcome.ANSWERED), False, Worth.SUCCESS),
        (a_result(1, Outcome.SILENT), False, Worth.FAILURE),
        (a_result(1, Outcome.FAULT), False, Worth.FAILURE),
        (a_result(1), True, Worth.NEWS),
        (a_result(1, run="run-a"), False, Worth.NEWS),
    ],
)
def test_the_worth_of_a_result(result: Result, news: bool, worth: Worth) -> None:
    assert worth_of(result, news=news) is worth


OUTCOMES = st.sampled_from([Outcome.OPEN, Outcome.REFUSED])


@given(st.lists(st.tuples(OUTCOMES, st.booleans(), st.booleans()), max_size=60), st.integers(0, 20))
def test_whatever_happens_order_bound_and_count_hold(
    steps: list[tuple[Outcome, bool, bool]], room: int
) -> None:
    spool = Spool(room * SIZE, HOUR, "stream-1")
    arrived: list[int] = []

    for number, (outcome, news, send) in enumerate(steps):
        spool.put([a_result(number, outcome)], news=news)
        assert spool._bytes <= room * SIZE
        batch = spool.batch(NOW) if send else None
        if batch is not None:
            arrived += numbers(batch)
            spool.settle(batch)

    assert arrived == sorted(set(arrived))
    assert len(arrived) + len(spool) + spool.dropped == len(steps)
