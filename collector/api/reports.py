"""Taking what a probe saw: of its own paths, once, and durably."""

import re
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from collector.api import LEDGER, PARTS, SETTINGS
from collector.api.asking import body_of, host_with_probe
from collector.api.bodies import answer
from collector.api.identity import check_host
from collector.api.problems import FOREIGN_PATH, TOO_MANY_RESULTS, WRONG_SHAPE, ApiError
from collector.checks import foreign
from collector.parts import Parts
from flows.messages import Accepted, Report
from flows.outcomes import Observation

_STREAM = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_SEQ = 2**63 - 1
_LONGEST = 86_400.0
"""Seconds that anything a probe measures may take."""
_MOST_COUNTED = 2.0**53
"""Beyond it floating point skips whole numbers."""
_YEARS = range(2000, 9000)
"""Beyond them times cannot be counted with in every zone."""


async def take_report(request: web.Request) -> web.Response:
    """Take a report; the answer says that it is durable."""
    limits = request.app[SETTINGS].limits
    report = await body_of(request, Report, limits.body)
    check_host(request, report.host)
    _check_size(report, limits.results_per_report)
    _check_values(report)
    _check_owner(request.app[PARTS], report)
    await request.app[LEDGER].take(in_utc(report))
    return answer(Accepted(report.seq))


def _check_size(report: Report, most: int) -> None:
    if len(report.results) > most:
        text = f"the report holds {len(report.results)} results, over {most}: send fewer at once"
        raise ApiError(TOO_MANY_RESULTS, text)


def _check_values(report: Report) -> None:
    """Refuse what has the right type and still means nothing."""
    if not _STREAM.fullmatch(report.stream):
        raise ApiError(WRONG_SHAPE, "the stream must be 1 to 64 letters, digits, '.', '_' or '-'")
    if not 0 <= report.seq <= _MOST_SEQ:
        raise ApiError(WRONG_SHAPE, f"the seq {report.seq} is not between 0 and {_MOST_SEQ}")
    _check_moment("sent", report.sent)
    state = report.probe
    _check_range(None, (state.loop_lag,), _LONGEST)
    _check_range(None, (state.spooled, state.late, state.dropped), _MOST_COUNTED)
    for index, result in enumerate(report.results):
        if result.at.tzinfo is None or result.at.year not in _YEARS:
            _check_moment(f"results[{index}].at", result.at)
        _check_amounts(index, result)
        for seen in result.addresses:
            _check_amounts(index, seen)


def _check_moment(where: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ApiError(WRONG_SHAPE, f"{where} has no time zone: write UTC, with a Z at the end")
    if moment.year not in _YEARS:
        raise ApiError(WRONG_SHAPE, f"{where} is in the year {moment.year}: set the probe's clock")


def _check_amounts(index: int, seen: Observation) -> None:
    took = seen.stages
    _check_range(
        index,
        (
            seen.seconds,
            seen.late_seconds,
            seen.rtt_seconds,
            took.resolve,
            took.connect,
            took.tls,
            took.protocol,
        ),
        _LONGEST,
    )
    if seen.syn_retransmits:
        _check_range(index, (seen.syn_retransmits,), _MOST_COUNTED)


def _check_range(index: int | None, amounts: tuple[float | None, ...], most: float) -> None:
    """Refuse amounts that would spoil sums and counters, which never forget.

    `index` is that of a result; None is for the probe itself.
    """
    for amount in amounts:
        if amount is not None and not 0 <= amount <= most:
            where = "probe" if index is None else f"results[{index}]"
            raise ApiError(WRONG_SHAPE, f"{where}: {amount} is not between 0 and {most:.0f}")


def _check_owner(parts: Parts, report: Report) -> None:
    """Refuse a report that holds anything of a path that never was its host's."""
    host_with_probe(parts.estate.plan.inventory.hosts, report.host)
    numbers = (result.check for result in report.results)
    stranger = foreign(parts.estate.state, report.host, numbers)
    if stranger is not None:
        text = f"check {stranger} is not, and never was, of {report.host}: nothing was taken"
        raise ApiError(FOREIGN_PATH, text)


def in_utc(report: Report) -> Report:
    """Write all times of a report in UTC, which probes do anyway."""
    moments = (report.sent, *(result.at for result in report.results))
    if all(moment.tzinfo is UTC for moment in moments):
        return report
    results = (
        msgspec.structs.replace(result, at=result.at.astimezone(UTC)) for result in report.results
    )
    sent = report.sent.astimezone(UTC)
    return msgspec.structs.replace(report, sent=sent, results=tuple(results))
