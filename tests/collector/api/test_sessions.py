"""The page signs in with a token, and calls with a cookie that no other page can use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.api.identity import COOKIE, PAGE_HEADER
from collector.api.sessions import SESSION_LASTS
from collector.credentials import Right
from tests.collector.api.guarded import TOKENS, Guarded, guarded_settings, guarding
from tests.collector.serving import Reply, calling, settings_in

PAGE = {PAGE_HEADER: "page"}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        guarded.caller.session.cookie_jar.clear()
        yield guarded


async def sign_in(guarded: Guarded, right: Right = Right.OPERATOR) -> Reply:
    order = {"token": TOKENS[right]}
    return await guarded.call(None, "POST", "session", order, headers=PAGE)


def cookie_of(reply: Reply) -> dict[str, str]:
    pair = reply.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": pair}


async def test_nobody_needs_to_sign_in_where_nobody_is_asked(tmp_path: Path) -> None:
    async with calling(settings_in(tmp_path)) as caller:
        body = (await caller.get("session")).body

    assert body == {"required": False, "name": None, "role": None}


async def test_who_has_not_signed_in_is_told_so(guarded: Guarded) -> None:
    body = (await guarded.call(None, "GET", "session")).body

    assert body == {"required": True, "name": None, "role": None}


async def test_a_session_calls_as_its_holder(guarded: Guarded) -> None:
    reply = await sign_in(guarded)
    cookie = cookie_of(reply)

    assert reply.body == {"required": True, "name": "olaf", "role": "operator"}
    assert (await guarded.call(None, "GET", "session", headers=cookie)).body == reply.body
    assert (await guarded.call(None, "GET", "matrix", headers=cookie)).status == 200


async def test_the_cookie_is_for_this_page_alone(guarded: Guarded) -> None:
    said = (await sign_in(guarded)).headers["Set-Cookie"]

    assert said.startswith(f"{COOKIE}=gwt_")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(said.split("; "))
    assert TOKENS[Right.OPERATOR] not in said


async def test_another_page_cannot_change_anything(guarded: Guarded) -> None:
    cookie = cookie_of(await sign_in(guarded))
    order = {"path": "sql:*", "reason": "a test", "until": "2099-01-01"}

    forged = await guarded.call(None, "POST", "waivers", order, headers=cookie)
    own = await guarded.call(None, "POST", "waivers", order, headers=cookie | PAGE)

    assert (forged.problem[:2], own.status) == ((403, "forged"), 200)


@pytest.mark.parametrize("right", [Right.PROBE, Right.SCRAPER])
async def test_the_page_is_for_people(guarded: Guarded, right: Right) -> None:
    assert (await sign_in(guarded, right)).problem[:2] == (403, "no-right")


async def test_a_wrong_token_does_not_sign_in(guarded: Guarded) -> None:
    reply = await guarded.call(None, "POST", "session", {"token": "gwt_wrong"}, headers=PAGE)

    assert reply.problem[:2] == (401, "unauthenticated")
    assert "Set-Cookie" not in reply.headers


async def test_a_session_ends_by_itself_and_on_demand(guarded: Guarded) -> None:
    first, second = cookie_of(await sign_in(guarded)), cookie_of(await sign_in(guarded))

    out = await guarded.call(None, "DELETE", "session", headers=first | PAGE)
    assert out.body["name"] is None
    assert (await guarded.call(None, "GET", "phase", headers=first)).status == 401
    assert (await guarded.call(None, "GET", "phase", headers=second)).status == 200

    guarded.clock.pass_by(SESSION_LASTS.total_seconds())
    assert (await guarded.call(None, "GET", "phase", headers=second)).status == 401


async def test_a_session_ends_with_the_credential_that_began_it(guarded: Guarded) -> None:
    cookie = cookie_of(await sign_in(guarded, Right.VIEWER))

    await guarded.call(Right.OPERATOR, "DELETE", "credentials/vera")

    assert (await guarded.call(None, "GET", "phase", headers=cookie)).status == 401
