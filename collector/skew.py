"""A probe's clock: measured at each report, corrected, never trusted (DESIGN 4 and 6).

What a report calls the present, less the present, is how far the clock is ahead, the time on the
way included: up to TOLERATED that says nothing of a clock. The correction changes by larger steps
only, for else a report that is slow on its way would overtake the one behind it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from collector.memory import ProbeSeen
from flows.messages import Report, Result

TOLERATED = timedelta(seconds=5)
INSTANT = timedelta(microseconds=1)
"""The least by which two moments differ."""
_NO_TIME = timedelta(0)
_MOMENT = itemgetter(0)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


Told = tuple[datetime, datetime, Result]
"""When a result was made by the probe's clock, and by ours as far as anyone can tell: never in the
future."""


class ProbeClock(NamedTuple):
    """What is known of a probe's clock when one of its reports has come."""

    skew: timedelta
    """By which it is ahead, the way here included."""
    correction: timedelta
    """To be taken off its times."""
    newest: datetime | None
    """By that clock, when the newest result before this report was made."""

    @classmethod
    def of(cls, report: Report, before: ProbeSeen | None, now: datetime) -> "ProbeClock":
        """Read a probe's clock off a report that came just now."""
        sent = aware(report.sent)
        skew = sent - now
        known = timedelta(seconds=before.correction) if before else _NO_TIME
        newest = before.newest if before else None
        if abs(skew - known) > TOLERATED:
            known = skew if abs(skew) > TOLERATED else _NO_TIME
        # A clock that was set back has yet to come to the times that it once told.
        return cls(skew, known, newest and min(newest, sent))

    def tell(self, results: Iterable[Result], now: datetime) -> list[Told]:
        """Say when results were made, in the order of their making.

        What would lie in the future even so is moved to the present, all of it by the same time.
        """
        said = sorted([(aware(one.at), one) for one in results], key=_MOMENT)
        if not said or (not self.correction and said[-1][0] <= now):
            return [(moment, moment, result) for moment, result in said]
        excess = max(_earlier(said[-1][0], self.correction) - now, _NO_TIME)
        ours = [(moment, _earlier(moment, self.correction), result) for moment, result in said]
        return [
            (moment, at if at <= now else _earlier(at, excess), result)
            for moment, at, result in ours
        ]

    def after(self, told: Sequence[Told]) -> datetime | None:
        """Say when the newest result with these was made, by the probe's clock."""
        if not told:
            return self.newest
        newest = told[-1][0]
        return max(newest, self.newest) if self.newest else newest


def aware(moment: datetime) -> datetime:
    """Read a time without a zone as UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _earlier(moment: datetime, by: timedelta) -> datetime:
    """Move a time; nonsense leads no further than years go."""
    try:
        return moment - by
    except OverflowError:
        return _EARLIEST if by > _NO_TIME else _LATEST
