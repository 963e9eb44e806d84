"""Probes are let in once, by a token; agents join with one; and a lost answer does no harm."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.credentials import Right, digest_of
from tests.collector.api.guarded import Guarded, guarded_settings, guarding
from tests.collector.serving import Reply

OWN = "gwt_own"


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        yield guarded


async def invited(guarded: Guarded, **order: object) -> Reply:
    return await guarded.call(Right.OPERATOR, "POST", "enrolments", order)


async def enrol(guarded: Guarded, token: str, host: str, own: str = OWN, **more: str) -> Reply:
    order = {"token": token, "host": host, "sha256": digest_of(own), **more}
    return await guarded.call(None, "POST", "enrol", order)


async def assignment(guarded: Guarded, host: str, wait: str = "0", known: str = "") -> Reply:
    headers = {"Authorization": f"Bearer {OWN}", "If-None-Match": known}
    return await guarded.caller.call(
        "GET", f"assignments/{host}", headers=headers, query={"wait": wait}
    )


async def test_a_probe_makes_its_own_token_and_is_let_in(guarded: Guarded) -> None:
    token = (await invited(guarded, host="con-02")).body["token"]

    enrolled = await enrol(guarded, token, "con-02")

    assert enrolled.body == {"host": "con-02", "joined": False}
    assert (await assignment(guarded, "con-02")).status == 200
    assert (await assignment(guarded, "con-01")).status == 403


async def test_the_same_exchange_again_is_fine_and_another_is_not(guarded: Guarded) -> None:
    token = (await invited(guarded, host="con-02")).body["token"]
    await enrol(guarded, token, "con-02")

    again = await enrol(guarded, token, "con-02")
    thief = await enrol(guarded, token, "con-02", "gwt_thief")

    assert again.status == 200
    assert thief.problem[:2] == (403, "not-let-in")
    assert "used up" in thief.problem[2]


async def test_an_invitation_says_what_the_probe_has_to_be_allowed(guarded: Guarded) -> None:
    body = (await invited(guarded, host="con-02")).body

    assert body["allow"] == {
        "networks": ["10.1.0.11/32", "10.1.0.40/32"],
        "names": ["be-02.acme.example"],
        "ports": [443, 8443, 8642],
    }


async def test_an_agent_joins_and_is_woken_when_it_is_planned_for(guarded: Guarded) -> None:
    token = (await invited(guarded, group="hq", site="paris", count=2)).body["token"]

    enrolled = await enrol(guarded, token, "pc-777", address="10.9.0.77")
    first = await assignment(guarded, "pc-777")
    async with asyncio.timeout(30):
        while not (await assignment(guarded, "pc-777", "5", first.headers["ETag"])).body["checks"]:
            pass

    assert enrolled.body == {"host": "pc-777", "joined": True}
    assert first.body["checks"] == []
    assert (
        b"agent:pc-777>ah-02:tcp/443" in (await guarded.call(Right.VIEWER, "GET", "plan")).content
    )


async def test_a_host_that_joined_can_be_removed(guarded: Guarded) -> None:
    token = (await invited(guarded, group="hq")).body["token"]
    await enrol(guarded, token, "pc-777", address="10.9.0.77")

    gone = await guarded.call(Right.OPERATOR, "DELETE", "hosts/pc-777")

    assert gone.body == {"host": "pc-777"}
    assert (await assignment(guarded, "pc-777")).status == 401


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ({}, (422, "wrong-shape")),
        ({"host": "con-01", "group": "hq"}, (422, "wrong-shape")),
        ({"host": "con-01", "count": 2}, (422, "wrong-shape")),
        ({"host": "con-99"}, (404, "unknown-host")),
        ({"group": "hk"}, (404, "unknown-group")),
        ({"group": "hq", "until": "2020-01-01"}, (422, "bad-time")),
    ],
)
async def test_what_is_for_nobody_is_declined(
    guarded: Guarded, order: dict[str, object], problem: tuple[int, str]
) -> None:
    assert (await invited(guarded, **order)).problem[:2] == problem


async def test_tokens_that_are_open_are_listed_without_the_tokens(guarded: Guarded) -> None:
    token = (await invited(guarded, group="hq", count=3)).body["token"]
    await enrol(guarded, token, "pc-777", address="10.9.0.77")

    listed = await guarded.call(Right.OPERATOR, "GET", "enrolments")

    assert [(one["group"], one["left"]) for one in listed.body] == [("hq", 2)]
    assert token not in listed.content.decode()


async def test_guessing_tokens_is_stopped(guarded: Guarded) -> None:
    replies = [await enrol(guarded, f"gwe_{number}", "con-02") for number in range(11)]

    assert {one.status for one in replies[:10]} == {403}
    assert replies[10].status == 429
