"""Waivers, attestations and maintenance: one mechanism, three faces."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import NoQuery, asked, body_of, who
from collector.api.problems import (
    UNKNOWN_HOST,
    UNKNOWN_ID,
    UNKNOWN_PATH,
    WRONG_SHAPE,
    ApiError,
    declining,
)
from collector.api.silence_bodies import (
    AttestationOrder,
    MaintenanceOrder,
    WaiverOrder,
    attestation_body,
    maintenance_body,
    waiver_body,
)
from collector.api.times import begin_named, end_named
from collector.memory import Changes, Reach, Silence, SilencedBy

Write = Callable[[str | None, Silence, datetime], object]
Read = Callable[[datetime], Silence]
_FACES: Mapping[SilencedBy, Write] = {
    SilencedBy.WAIVER: waiver_body,
    SilencedBy.ATTESTATION: attestation_body,
    SilencedBy.MAINTENANCE: maintenance_body,
}


async def waivers(request: web.Request) -> web.Response:
    """List the waivers: those of the inventory, and those that operators gave since."""
    return _all(request, SilencedBy.WAIVER)


async def waive(request: web.Request) -> web.Response:
    """Accept for a time that paths are not ok."""
    order = await body_of(request, WaiverOrder, request.app[SETTINGS].limits.body)

    def read(now: datetime) -> Silence:
        return Silence(
            kind=SilencedBy.WAIVER,
            glob=order.path,
            reason=order.reason,
            until=end_named(order.until, now),
            by=who(request),
        )

    return await _give(request, read)


async def unwaive(request: web.Request) -> web.Response:
    """Take a waiver back."""
    return await _take_back(request, SilencedBy.WAIVER)


async def attestations(request: web.Request) -> web.Response:
    """List the attestations."""
    return _all(request, SilencedBy.ATTESTATION)


async def attest(request: web.Request) -> web.Response:
    """Say how it was proven that the network lets paths through."""
    order = await body_of(request, AttestationOrder, request.app[SETTINGS].limits.body)

    def read(now: datetime) -> Silence:
        return Silence(
            kind=SilencedBy.ATTESTATION,
            glob=order.path,
            reason=order.evidence,
            until=end_named(order.until, now),
            by=who(request),
        )

    return await _give(request, read)


async def unattest(request: web.Request) -> web.Response:
    """Take an attestation back."""
    return await _take_back(request, SilencedBy.ATTESTATION)


async def maintenance(request: web.Request) -> web.Response:
    """List the maintenance windows."""
    return _all(request, SilencedBy.MAINTENANCE)


async def maintain(request: web.Request) -> web.Response:
    """Keep all paths of hosts, or of a site, out of alerts for a time."""
    order = await body_of(request, MaintenanceOrder, request.app[SETTINGS].limits.body)
    glob = order.hosts or order.site
    if glob is None or (order.hosts and order.site):
        raise ApiError(WRONG_SHAPE, "a maintenance window names either hosts or a site")

    def read(now: datetime) -> Silence:
        until = end_named(order.until, now)
        return Silence(
            kind=SilencedBy.MAINTENANCE,
            reach=Reach.HOSTS if order.hosts else Reach.SITES,
            glob=glob,
            reason=order.reason,
            begins=begin_named(order.begins, until),
            until=until,
            by=who(request),
        )

    return await _give(request, read)


async def end_maintenance(request: web.Request) -> web.Response:
    """End a maintenance window, or call off one that has not begun."""
    return await _take_back(request, SilencedBy.MAINTENANCE)


def _all(request: web.Request, kind: SilencedBy) -> web.Response:
    asked(request, NoQuery)
    now, write = request.app[CLOCK](), _FACES[kind]
    found = request.app[PARTS].estate.silences(kind)
    return answer([write(name, silence, now) for name, silence in found])


async def _give(request: web.Request, read: Read) -> web.Response:
    estate, name = request.app[PARTS].estate, secrets.token_hex(4)

    async def decide(now: datetime) -> tuple[Changes, tuple[Silence, datetime]]:
        silence = read(now)
        kind = UNKNOWN_PATH if silence.reach is Reach.PATHS else UNKNOWN_HOST
        with declining(kind):
            return estate.decide_silence(name, silence, now), (silence, now)

    silence, now = await request.app[LEDGER].order(decide)
    return answer(_FACES[silence.kind](name, silence, now))


async def _take_back(request: web.Request, kind: SilencedBy) -> web.Response:
    estate, name = request.app[PARTS].estate, request.match_info["id"]

    async def decide(now: datetime) -> tuple[Changes, object]:
        with declining(UNKNOWN_ID):
            changes = await asyncio.to_thread(estate.decide_end, kind, name, now, who(request))
        return changes, _FACES[kind](name, dict(estate.silences(kind))[name], now)

    return answer(await request.app[LEDGER].order(decide))
