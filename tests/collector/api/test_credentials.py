"""Credentials are given, listed without their tokens, rotated and revoked without a restart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.credentials import Right
from tests.collector.api.guarded import NAMES, Guarded, guarded_settings, guarding


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        yield guarded


async def asked_with(guarded: Guarded, token: str) -> int:
    reply = await guarded.caller.call("GET", "phase", headers={"Authorization": f"Bearer {token}"})
    return reply.status


async def test_a_new_credential_lets_in_at_once(guarded: Guarded) -> None:
    order = {"name": "nina", "role": "viewer"}

    given = await guarded.call(Right.OPERATOR, "POST", "credentials", order)

    assert given.body["name"] == "nina"
    assert given.body["by"] == NAMES[Right.OPERATOR]
    assert await asked_with(guarded, given.body["token"]) == 200


async def test_lists_and_the_store_tell_no_token(guarded: Guarded) -> None:
    order = {"name": "nina", "role": "viewer"}
    token = (await guarded.call(Right.OPERATOR, "POST", "credentials", order)).body["token"]

    listed = await guarded.call(Right.OPERATOR, "GET", "credentials")
    events = await guarded.call(Right.OPERATOR, "GET", "events")

    assert "nina" in {one["name"] for one in listed.body}
    for content in (listed.content.decode(), events.content.decode(), *guarded.caller.rows()):
        assert token not in content


async def test_a_credential_is_rotated_without_a_gap(guarded: Guarded) -> None:
    order = {"name": "nina", "role": "viewer"}
    first = (await guarded.call(Right.OPERATOR, "POST", "credentials", order)).body
    second = (await guarded.call(Right.OPERATOR, "POST", "credentials", order)).body
    assert await asked_with(guarded, first["token"]) == 200

    await guarded.call(Right.OPERATOR, "DELETE", f"credentials/{first['id']}")

    assert await asked_with(guarded, first["token"]) == 401
    assert await asked_with(guarded, second["token"]) == 200


async def test_a_credential_may_end_by_itself(guarded: Guarded) -> None:
    order = {"name": "nina", "role": "viewer", "until": "2026-11-23T13:00:00Z"}
    token = (await guarded.call(Right.OPERATOR, "POST", "credentials", order)).body["token"]
    assert await asked_with(guarded, token) == 200

    guarded.clock.pass_by(3600)

    assert await asked_with(guarded, token) == 401


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ({"name": "vera", "role": "operator"}, (409, "taken")),
        ({"name": "sql-01", "role": "probe"}, (409, "taken")),
        ({"name": "x", "role": "king"}, (422, "wrong-shape")),
        ({"name": "x\n", "role": "viewer"}, (422, "wrong-shape")),
        ({"name": "x", "role": "viewer", "until": "2020-01-01"}, (422, "bad-time")),
    ],
)
async def test_what_cannot_be_given_is_declined(
    guarded: Guarded, order: object, problem: tuple[int, str]
) -> None:
    assert (await guarded.call(Right.OPERATOR, "POST", "credentials", order)).problem[:2] == problem


async def test_giving_and_revoking_are_told_with_who_did_it(guarded: Guarded) -> None:
    await guarded.call(Right.OPERATOR, "POST", "credentials", {"name": "nina", "role": "viewer"})
    await guarded.call(Right.OPERATOR, "DELETE", "credentials/nina")

    events = (await guarded.call(Right.VIEWER, "GET", "events")).body
    told = [
        (one["subject"], one["after"], one["by"]) for one in events if one["kind"] == "credential"
    ]
    assert told == [("nina", "viewer", "olaf"), ("nina", "viewer", "olaf")]
