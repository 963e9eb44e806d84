"""Credentials: listing them, giving them, and taking them back without a restart."""

import secrets
from datetime import datetime

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import NoQuery, asked, body_of, who
from collector.api.credential_bodies import CredentialOrder, credential_body, given_body
from collector.api.problems import TAKEN, UNKNOWN_ID, declining
from collector.api.times import end_named
from collector.credentials import TOKEN_PREFIX, Credential, digest_of, new_token
from collector.memory import Changes


async def credentials(request: web.Request) -> web.Response:
    """List the credentials that are good, without their tokens."""
    asked(request, NoQuery)
    now = request.app[CLOCK]()
    every = request.app[PARTS].estate.admission.credentials.all.values()
    held = sorted((one for one in every if one.holds(now)), key=lambda one: (one.name, one.created))
    return answer([credential_body(one) for one in held])


async def give(request: web.Request) -> web.Response:
    """Give a credential; its token is in the answer, and nowhere else."""
    order = await body_of(request, CredentialOrder, request.app[SETTINGS].limits.body)
    admission = request.app[PARTS].estate.admission
    token = new_token(TOKEN_PREFIX, secrets.token_urlsafe)

    async def decide(now: datetime) -> tuple[Changes, Credential]:
        credential = Credential(
            name=order.name,
            right=order.role,
            sha256=digest_of(token),
            created=now,
            by=who(request),
            until=None if order.until is None else end_named(order.until, now),
        )
        with declining(TAKEN):
            return admission.decide_credential(credential), credential

    return answer(given_body(await request.app[LEDGER].order(decide), token))


async def revoke(request: web.Request) -> web.Response:
    """Take back the credential with this id, or all of this name; what they opened ends at once."""
    admission, name = request.app[PARTS].estate.admission, request.match_info["id"]

    async def decide(now: datetime) -> tuple[Changes, list[Credential]]:
        found = admission.credentials.named(name)
        with declining(UNKNOWN_ID):
            return admission.decide_revocation(name, now, who(request)), found

    return answer([credential_body(one) for one in await request.app[LEDGER].order(decide)])
