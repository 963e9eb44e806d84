"""What a probe has to measure: at once, or as soon as it changes."""

import asyncio
from hashlib import sha256
from typing import Annotated

import msgspec
from aiohttp import web

from collector.api import CLOCK, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import asked, host_with_probe
from collector.api.identity import check_host
from collector.api.problems import TOO_MANY_POLLS, ApiError
from flows.messages import Assignment, Run

LONGEST_WAIT = 300.0
"""Seconds; what stands in between may cut an idle connection sooner."""


_JOINING = "joining"
"""Of a host that joined just now: its plan is being made, and wakes it."""


class AssignmentQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait for a change."""

    wait: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)] = 0.0
    """Seconds to hold the answer back while the revision of If-None-Match is in force."""


async def assignment(request: web.Request) -> web.Response:
    """Tell a probe what to measure."""
    check_host(request, request.match_info["host"])
    wait = asked(request, AssignmentQuery).wait
    known = {tag.value for tag in request.if_none_match or ()}
    clock = asyncio.get_running_loop().time
    until = clock() + wait
    found = _in_force(request)
    while found.revision in known:
        if until <= clock() or not await _changed(request, until - clock()):
            return web.Response(status=304, headers=_tag(found))
        found = _in_force(request)
    return answer(found, _tag(found))


def _in_force(request: web.Request) -> Assignment:
    estate = request.app[PARTS].estate
    name = request.match_info["host"]
    if name in estate.admission.joined and name not in estate.plan.inventory.hosts:
        return Assignment(revision=_JOINING, host=name, checks=())
    host_with_probe(estate.plan.inventory.hosts, name)
    return with_runs(estate.assignment(name), estate.runs_of(name, request.app[CLOCK]()))


def with_runs(found: Assignment, runs: tuple[Run, ...]) -> Assignment:
    """Add what is to be measured at once; it makes another revision."""
    if not runs:
        return found
    digest = sha256(found.revision.encode() + msgspec.json.encode(runs)).hexdigest()
    return msgspec.structs.replace(found, revision=digest[:16], runs=runs)


async def _changed(request: web.Request, seconds: float) -> bool:
    """Wait for something to change; False when nothing did."""
    parts, most = request.app[PARTS], request.app[SETTINGS].limits.long_polls
    if parts.bell.waiting >= most:
        text = f"{most} probes wait already (limits.long_polls): ask again later"
        raise ApiError(TOO_MANY_POLLS, text)
    with parts.metrics.long_polls.track_inprogress():
        return await parts.bell.wait(request.match_info["host"], seconds)


def _tag(found: Assignment) -> dict[str, str]:
    return {"ETag": f'"{found.revision}"'}
