"""Enrolment: tokens that probes exchange once for a credential, and agents that join with them."""

import secrets
from datetime import datetime, timedelta

from aiohttp import web

from collector.admission import Asked
from collector.allowing import allowed_for_group, allowed_for_host
from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import NoQuery, asked, body_of, who
from collector.api.credential_bodies import (
    AllowBody,
    EnrolmentOrder,
    RemovedBody,
    enrolment_body,
    invited_body,
)
from collector.api.identity import check_failures, count_failure
from collector.api.problems import (
    NOT_LET_IN,
    UNKNOWN_GROUP,
    UNKNOWN_HOST,
    WRONG_SHAPE,
    ApiError,
    declining,
)
from collector.api.times import end_named
from collector.credentials import ENROLMENT_PREFIX, Enrolment, digest_of, new_token
from collector.memory import Changes
from flows.messages import Enrol, Enrolled

_A_DAY = timedelta(days=1)


async def enrolments(request: web.Request) -> web.Response:
    """List the enrolment tokens that still let somebody in, but for the tokens themselves."""
    asked(request, NoQuery)
    now = request.app[CLOCK]()
    every = request.app[PARTS].estate.admission.enrolments.values()
    open_ = (one for one in every if one.until > now and one.left)
    return answer([enrolment_body(one) for one in sorted(open_, key=lambda one: one.created)])


async def invite(request: web.Request) -> web.Response:
    """Give an enrolment token; it is in the answer, and nowhere else."""
    order = await body_of(request, EnrolmentOrder, request.app[SETTINGS].limits.body)
    if (order.host is None) == (order.group is None):
        raise ApiError(WRONG_SHAPE, "an enrolment is for a host of the inventory, or for a group")
    if order.host is not None and (order.count > 1 or order.site is not None):
        raise ApiError(WRONG_SHAPE, "count and site go with a group: a host has its own")
    estate = request.app[PARTS].estate
    token = new_token(ENROLMENT_PREFIX, secrets.token_urlsafe)

    async def decide(now: datetime) -> tuple[Changes, Enrolment]:
        enrolment = Enrolment(
            sha256=digest_of(token),
            created=now,
            until=now + _A_DAY if order.until is None else end_named(order.until, now),
            left=order.count,
            by=who(request),
            host=order.host,
            group=order.group,
            site=order.site,
        )
        with declining(UNKNOWN_HOST if order.host else UNKNOWN_GROUP):
            return estate.admission.decide_enrolment(enrolment), enrolment

    enrolment = await request.app[LEDGER].order(decide)
    return answer(invited_body(enrolment, token, _allow(request, order)))


def _allow(request: web.Request, order: EnrolmentOrder) -> AllowBody:
    plan = request.app[PARTS].estate.plan
    if order.host is not None:
        allowed = allowed_for_host(plan, order.host)
    else:
        allowed = allowed_for_group(plan, str(order.group))
    return AllowBody(
        networks=list(allowed.networks), names=list(allowed.names), ports=list(allowed.ports)
    )


async def exchange(request: web.Request) -> web.Response:
    """Exchange an enrolment token for the credential that a probe made; the same again is fine."""
    check_failures(request)
    order = await body_of(request, Enrol, request.app[SETTINGS].limits.body)
    admission = request.app[PARTS].estate.admission
    said = Asked(order.token, order.host, order.sha256, order.address)

    async def decide(now: datetime) -> tuple[Changes, None]:
        with declining(NOT_LET_IN, order.host):
            return admission.decide_exchange(said, now), None

    try:
        await request.app[LEDGER].order(decide)
    except ApiError:
        count_failure(request)
        raise
    return answer(Enrolled(host=order.host, joined=order.host in admission.joined))


async def remove(request: web.Request) -> web.Response:
    """Let a host that joined go, and its credentials with it."""
    admission, host = request.app[PARTS].estate.admission, request.match_info["host"]

    async def decide(now: datetime) -> tuple[Changes, None]:
        with declining(UNKNOWN_HOST):
            return admission.decide_removal(host, now, who(request)), None

    await request.app[LEDGER].order(decide)
    return answer(RemovedBody(host=host))
