from collections.abc import Mapping

import pytest

from collector.connect_times import BOUNDS, ConnectTimes, connect_seconds
from flows.outcomes import Observation, Outcome, StageTimes

INFINITE = float("inf")


def connected(seconds: float, outcome: Outcome = Outcome.OPEN) -> Observation:
    return Observation(outcome=outcome, stages=StageTimes(connect=seconds))


def count(times: ConnectTimes, flows: list[str], observation: Observation) -> None:
    times.apply(times.after([(flows, observation)]))


def series_of(times: ConnectTimes) -> dict[object, tuple[Mapping[float, int], float]]:
    return {pairs["flow"]: (buckets, total) for pairs, buckets, total in times.series()}


@pytest.mark.parametrize("outcome", [Outcome.OPEN, Outcome.RESET, Outcome.HUNG])
def test_what_connected_has_a_time_whatever_came_after(outcome: Outcome) -> None:
    assert connect_seconds(connected(0.002, outcome)) == 0.002


@pytest.mark.parametrize(
    "outcome", sorted(set(Outcome) - {Outcome.OPEN, Outcome.RESET, Outcome.HUNG})
)
def test_what_did_not_connect_has_no_time_however_long_it_tried(outcome: Outcome) -> None:
    assert connect_seconds(connected(4.0, outcome)) is None


def test_buckets_are_cumulative_and_the_last_one_counts_all() -> None:
    times = ConnectTimes()

    for seconds in (0.0005, 0.002, 0.002, 7.0):
        count(times, ["sql"], connected(seconds))

    buckets, total = series_of(times)["sql"]
    assert (buckets[0.001], buckets[0.0025], buckets[5.0], buckets[INFINITE]) == (1, 3, 3, 4)
    assert total == pytest.approx(7.0045)


def test_a_bound_belongs_to_its_own_bucket() -> None:
    times = ConnectTimes()

    for bound in BOUNDS:
        count(times, ["sql"], connected(bound))

    buckets, _ = series_of(times)["sql"]
    assert list(buckets.values()) == [*range(1, len(BOUNDS) + 1), len(BOUNDS)]


def test_flows_that_share_a_check_each_count_it() -> None:
    times = ConnectTimes()

    count(times, ["agent", "console-backend"], connected(0.01))
    count(times, ["agent"], connected(0.01))

    counts = {flow: buckets[INFINITE] for flow, (buckets, _) in series_of(times).items()}
    assert counts == {"agent": 2, "console-backend": 1}


def test_nothing_is_counted_of_what_was_filtered() -> None:
    times = ConnectTimes()

    count(times, ["sql"], connected(4.0, Outcome.FILTERED))

    assert list(times.series()) == []


def test_what_is_not_durable_yet_is_not_counted() -> None:
    times = ConnectTimes()

    changed = times.after([(["sql"], connected(0.01)), (["sql", "agent"], connected(0.01))])

    assert list(times.series()) == []
    assert {flow: sum(spread.counts) for flow, spread in changed.items()} == {"sql": 2, "agent": 1}
