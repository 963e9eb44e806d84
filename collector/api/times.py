"""Reading when something that an operator says begins and ends."""

import re
from datetime import UTC, date, datetime

from collector.api.problems import BAD_TIME, ApiError
from collector.silences import end_of
from flows.messages import rfc3339

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_YEARS = range(2000, 9000)
"""Beyond them times cannot be counted with in every zone."""


def moment_of(key: str, text: str) -> datetime:
    """Read a time of RFC 3339; `key` names it in the message."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _unfit(key, text, "a time such as 2027-01-31T22:00:00+01:00") from None
    if moment.tzinfo is None:
        raise ApiError(BAD_TIME, f"{key} has no time zone: '{text}'; write UTC with a Z at the end")
    return _within(key, moment.year, moment).astimezone(UTC)


def end_named(text: str, now: datetime) -> datetime:
    """Read an end that is yet to come: a time, or the last day in UTC."""
    until = _end_of(text) if _DATE.fullmatch(text) else moment_of("until", text)
    if until <= now:
        text = f"until lies in the past: {rfc3339(until)}, and now it is {rfc3339(now)}"
        raise ApiError(BAD_TIME, text)
    return until


def begin_named(text: str | None, until: datetime) -> datetime | None:
    """Read a beginning, which has to come before the end; None is at once."""
    begins = None if text is None else moment_of("from", text)
    if begins is not None and begins >= until:
        text = f"from is not before until: {rfc3339(begins)} to {rfc3339(until)}"
        raise ApiError(BAD_TIME, text)
    return begins


def _end_of(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _unfit("until", text, "a day such as 2027-01-31") from None
    return _within("until", day.year, end_of(day))


def _within(key: str, year: int, moment: datetime) -> datetime:
    if year not in _YEARS:
        raise ApiError(BAD_TIME, f"{key} is in the year {year}; any from 2000 to 8999 will do")
    return moment


def _unfit(key: str, text: str, example: str) -> ApiError:
    return ApiError(BAD_TIME, f"{key} is not {example}: '{text}'")
