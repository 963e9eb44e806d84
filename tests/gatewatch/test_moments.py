import argparse
from datetime import UTC, datetime, timedelta

import pytest

from gatewatch.moments import end_of, moment_of


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("2027-01-31T22:00:00+01:00", "2027-01-31T21:00:00.000Z"),
        ("2027-01-31T22:00Z", "2027-01-31T22:00:00.000Z"),
    ],
)
def test_a_time_is_said_in_utc(word: str, said: str) -> None:
    assert moment_of(word) == end_of(word) == said


def test_a_time_without_a_zone_is_of_this_machine() -> None:
    here = datetime(2027, 1, 31, 22).astimezone()

    assert datetime.fromisoformat(moment_of("2027-01-31T22:00")) == here


def test_a_day_is_left_to_the_collector() -> None:
    assert end_of("2027-01-31") == "2027-01-31"


@pytest.mark.parametrize(
    ("word", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_duration_counts_from_now(word: str, length: timedelta) -> None:
    before = datetime.now(UTC) + length

    end = datetime.fromisoformat(end_of(word))

    assert abs(end - before) < timedelta(seconds=10)


@pytest.mark.parametrize("word", ["soon", "", "0h", "4 h", "-1d", "2027-13-01T00:00"])
def test_what_is_no_end_says_what_would_be_one(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        end_of(word)

    assert str(refused.value) == (
        f"'{word}' is no end: a day (2027-01-31), a time (2027-01-31T22:00) or 90m, 4h, 7d"
    )


def test_a_beginning_is_a_time() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^'2h' is no time such as 2027-01-31T"):
        moment_of("2h")
