from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from collector.api.problems import BAD_TIME, ApiError
from collector.api.times import begin_named, end_named, moment_of
from tests.collector.samples import NOW, at


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-11-23", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2026-11-23T12:00:01Z", at(1)),
        ("2026-11-23T14:00:00+01:00", at(3600)),
        ("2026-11-23T12:00:00.5Z", at(0.5)),
    ],
)
def test_an_end_is_a_time_or_a_last_day_in_utc(text: str, end: datetime) -> None:
    found = end_named(text, NOW)

    assert (found, found.tzinfo) == (end, UTC)


def test_a_beginning_is_a_time_before_the_end() -> None:
    assert begin_named(None, at(60)) is None
    assert begin_named("2026-11-23T12:00:59Z", at(60)) == at(59)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (
            lambda: end_named("2026-11-22", NOW),
            "until lies in the past: 2026-11-23T00:00:00.000Z, and now it is"
            " 2026-11-23T12:00:00.000Z",
        ),
        (
            lambda: end_named("2026-11-23T12:00:00Z", NOW),
            "until lies in the past: 2026-11-23T12:00:00.000Z, and now it is"
            " 2026-11-23T12:00:00.000Z",
        ),
        (
            lambda: end_named("soon", NOW),
            "until is not a time such as 2027-01-31T22:00:00+01:00: 'soon'",
        ),
        (
            lambda: end_named("2027-02-30", NOW),
            "until is not a day such as 2027-01-31: '2027-02-30'",
        ),
        (
            lambda: end_named("9999-12-31", NOW),
            "until is in the year 9999; any from 2000 to 8999 will do",
        ),
        (
            lambda: moment_of("from", "9999-12-31T23:59:59-23:00"),
            "from is in the year 9999; any from 2000 to 8999 will do",
        ),
        (
            lambda: end_named("2027-01-31T10:00:00", NOW),
            "until has no time zone: '2027-01-31T10:00:00'; write UTC with a Z at the end",
        ),
        (
            lambda: begin_named("2026-11-23T12:01:00Z", at(60)),
            "from is not before until: 2026-11-23T12:01:00.000Z to 2026-11-23T12:01:00.000Z",
        ),
    ],
)
def test_a_time_that_makes_no_sense_is_declined(read: Callable[[], object], said: str) -> None:
    with pytest.raises(ApiError) as declined:
        read()

    assert (declined.value.kind, declined.value.detail) == (BAD_TIME, said)
