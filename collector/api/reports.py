"""Taking what a probe saw: of its own paths, once, and durably."""

from datetime import UTC, datetime

import msgspec
from aiohttp import web

from collector.api import LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import body_of, host_with_probe
from collector.api.identity import check_host
from collector.api.problems import FOREIGN_PATH, TOO_MANY_RESULTS, WRONG_SHAPE, ApiError
from collector.checks import foreign
from collector.parts import Parts
from flows.messages import Accepted, Report

_YEARS = range(2000, 9000)
"""Beyond them times cannot be counted with in every zone."""


async def take_report(request: web.Request) -> web.Response:
    """Take a report; the answer says that it is durable."""
    app = request.app
    limits = app[SETTINGS].limits
    report = await body_of(request, Report, limits.body)
    check_host(request, report.host)
    _check_size(report, limits.results_per_report)
    _check_years(report)
    _check_owner(app[PARTS], report)
    await app[LEDGER].take(in_utc(report))
    return answer(Accepted(report.seq))


def _check_size(report: Report, most: int) -> None:
    if len(report.results) > most:
        text = f"the report holds {len(report.results)} results, over {most}: send fewer at once"
        raise ApiError(TOO_MANY_RESULTS, text)


def _check_years(report: Report) -> None:
    """Refuse times that nobody can count with."""
    _check_year("sent", report.sent)
    for index, result in enumerate(report.results):
        if result.at.year not in _YEARS:
            _check_year(f"results[{index}].at", result.at)


def _check_year(where: str, moment: datetime) -> None:
    if moment.year not in _YEARS:
        raise ApiError(WRONG_SHAPE, f"{where} is in the year {moment.year}: set the probe's clock")


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
    moments = [report.sent, *[result.at for result in report.results]]
    if all([moment.tzinfo is UTC for moment in moments]):  # noqa: C419 - quicker for so few
        return report
    results = (
        msgspec.structs.replace(result, at=result.at.astimezone(UTC)) for result in report.results
    )
    sent = report.sent.astimezone(UTC)
    return msgspec.structs.replace(report, sent=sent, results=tuple(results))
