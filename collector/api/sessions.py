"""Signing in at the page: a session is a credential of its own, which ends by itself."""

import secrets
from datetime import datetime, timedelta

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import NoQuery, asked, body_of
from collector.api.credential_bodies import SessionBody, SignInOrder
from collector.api.identity import (
    COOKIE,
    PAGE_HEADER,
    check_failures,
    count_failure,
    session_of,
)
from collector.api.problems import FORGED, NO_RIGHT, NOT_KNOWN, ApiError
from collector.credentials import TOKEN_PREFIX, Credential, Right, digest_of, new_token
from collector.memory import Changes

SESSION_LASTS = timedelta(hours=12)
_AT_THE_PAGE = frozenset({Right.VIEWER, Right.OPERATOR})


async def session(request: web.Request) -> web.Response:
    """Say who is signed in at the page, and whether anybody needs to be."""
    asked(request, NoQuery)
    if not request.app[SETTINGS].auth_required:
        return answer(SessionBody(required=False, name=None, role=None))
    return answer(_body(session_of(request)))


async def sign_in(request: web.Request) -> web.Response:
    """Exchange a viewer's or operator's token for the cookie of a session."""
    check_failures(request)
    _check_page(request)
    order = await body_of(request, SignInOrder, request.app[SETTINGS].limits.body)
    admission = request.app[PARTS].estate.admission
    holder = admission.credentials.holder(order.token, request.app[CLOCK]())
    if holder is None or holder.parent is not None:
        count_failure(request)
        raise ApiError(NOT_KNOWN, "the token is not known, was revoked or is too old")
    if holder.right not in _AT_THE_PAGE:
        text = f"the page is for viewers and operators, and this is a {holder.right}"
        raise ApiError(NO_RIGHT, text, about=holder.name)
    token = new_token(TOKEN_PREFIX, secrets.token_urlsafe)

    async def decide(now: datetime) -> tuple[Changes, Credential]:
        begun = Credential(
            name=holder.name,
            right=holder.right,
            sha256=digest_of(token),
            created=now,
            by=holder.name,
            until=_earlier(now + SESSION_LASTS, holder.until),
            parent=holder.id,
        )
        return admission.decide_sign_in(begun), begun

    response = answer(_body(await request.app[LEDGER].order(decide)))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End a session."""
    _check_page(request)
    admission, ending = request.app[PARTS].estate.admission, session_of(request)
    if ending is not None:

        async def decide(now: datetime) -> tuple[Changes, None]:
            return admission.decide_sign_out(ending, now, ending.name), None

        await request.app[LEDGER].order(decide)
    response = answer(
        SessionBody(required=request.app[SETTINGS].auth_required, name=None, role=None)
    )
    response.del_cookie(COOKIE)
    return response


def _body(held: Credential | None) -> SessionBody:
    if held is None:
        return SessionBody(required=True, name=None, role=None)
    return SessionBody(required=True, name=held.name, role=held.right)


def _check_page(request: web.Request) -> None:
    if PAGE_HEADER not in request.headers:
        raise ApiError(FORGED, f"signing in and out needs the header {PAGE_HEADER}")


def _earlier(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else min(one, other)
