"""When something begins and ends, as an operator types it."""

import argparse
import re
from datetime import UTC, datetime, timedelta

from flows.messages import rfc3339

_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def moment_of(word: str) -> str:
    """Read a time for the collector; one without a zone is of this machine's."""
    try:
        return rfc3339(datetime.fromisoformat(word).astimezone())
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"'{word}' is no time such as 2027-01-31T22:00") from None


def end_of(word: str) -> str:
    """Read an end: a day, which is the last one in UTC, a time, or how long from now."""
    duration = _DURATION.fullmatch(word)
    if duration:
        number, unit = duration.groups()
        return rfc3339(datetime.now(UTC) + timedelta(**{_UNITS[unit]: int(number)}))
    if _DAY.fullmatch(word):
        return word
    try:
        return moment_of(word)
    except argparse.ArgumentTypeError:
        text = f"'{word}' is no end: a day (2027-01-31), a time (2027-01-31T22:00) or 90m, 4h, 7d"
        raise argparse.ArgumentTypeError(text) from None
