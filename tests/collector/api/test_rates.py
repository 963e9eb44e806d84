"""A bucket empties with calls and fills with time."""

from hypothesis import given
from hypothesis import strategies as st

from collector.api.rates import Rates


class Hands:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_at_the_rate() -> None:
    clock = Hands()
    rates = Rates(2.0, 3.0, clock)

    waits = [rates.take("a") for _ in range(4)]
    assert waits == [0.0, 0.0, 0.0, 0.5]

    clock.now = 0.5
    assert (rates.take("a"), rates.take("a")) == (0.0, 0.5)


def test_one_does_not_take_from_another() -> None:
    rates = Rates(1.0, 1.0, Hands())

    assert [rates.take(who) for who in ("a", "b", "a")] == [0.0, 0.0, 1.0]


def test_asking_how_long_takes_nothing() -> None:
    rates = Rates(1.0, 1.0, Hands())

    assert (rates.wait("a"), rates.wait("a"), rates.take("a"), rates.wait("a")) == (0, 0, 0, 1.0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=40))
def test_forgetting_changes_no_answer(calls: list[tuple[str, int]]) -> None:
    clock = Hands()
    together = Rates(0.5, 2.0, clock)
    left = dict.fromkeys("abc", 2.0)  # buckets that nobody forgets

    for who, eighths in calls:
        pause = eighths / 8
        clock.now += pause
        left = {one: min(2.0, amount + pause * 0.5) for one, amount in left.items()}
        expected = 0.0 if left[who] >= 1 else (1 - left[who]) / 0.5
        if left[who] >= 1:
            left[who] -= 1
        assert together.take(who) == expected


def test_full_buckets_are_forgotten() -> None:
    clock = Hands()
    rates = Rates(1.0, 2.0, clock)
    for number in range(1000):
        clock.now = number / 10
        rates.take(f"{number}")

    assert len(rates) <= 2 * 2 * 10


def test_a_bucket_never_overflows() -> None:
    clock = Hands()
    rates = Rates(1.0, 2.0, clock)
    rates.take("a")

    clock.now = 1000.0

    assert [rates.take("a") for _ in range(3)] == [0.0, 0.0, 1.0]
