from hypothesis import given
from hypothesis import strategies as st

from probe.backoff import LONGEST_ASKED_SECONDS, LONGEST_SECONDS, Backoff


def test_the_ceiling_doubles_up_to_a_minute() -> None:
    backoff = Backoff(lambda: 1.0)

    waits = [backoff.after_failure() for _ in range(9)]

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_is_drawn_from_the_whole_of_it() -> None:
    draws = iter([0.0, 0.5, 0.25])
    backoff = Backoff(lambda: next(draws))

    assert [backoff.after_failure() for _ in range(3)] == [0.0, 1.0, 1.0]


def test_a_success_begins_anew() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(5):
        backoff.after_failure()

    backoff.after_success()

    assert backoff.after_failure() == 1.0


def test_the_peer_is_never_asked_earlier_than_it_wished() -> None:
    backoff = Backoff(lambda: 0.5)

    assert backoff.after_failure(asked_seconds=7.0) == 7.5


def test_a_peer_cannot_ask_for_silence() -> None:
    backoff = Backoff(lambda: 0.0)

    assert backoff.after_failure(asked_seconds=1e9) == LONGEST_ASKED_SECONDS
    assert backoff.after_failure(asked_seconds=-5.0) == 0.0


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_however_long_it_lasts_the_wait_stays_within_a_minute(failures: int, draw: float) -> None:
    wait = Backoff(lambda: draw, failures).after_failure()

    assert 0 <= wait <= LONGEST_SECONDS
