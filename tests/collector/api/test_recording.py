"""What an operator, a probe or a stranger is refused is an event, with who, what and why."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.api.identity import PAGE_HEADER
from collector.credentials import Right, digest_of
from collector.ledger import Ledger
from collector.store import StoreUnavailable
from tests.collector.api.guarded import TOKENS, Guarded, guarded_settings, guarding
from tests.collector.serving import Body, a_report, calling, settings_in


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        yield guarded


async def refused(guarded: Guarded) -> list[Body]:
    """List the events of what was refused, the oldest first."""
    events = (await guarded.call(Right.VIEWER, "GET", "events")).body
    return [one for one in reversed(events) if one["reason"].startswith("refused: ")]


async def test_a_phase_that_a_gate_refuses_is_an_event_of_its_phase(guarded: Guarded) -> None:
    reply = await guarded.call(Right.OPERATOR, "PUT", "phase", {"phase": "prepare"})

    [event] = await refused(guarded)
    assert reply.status == 409
    assert (event["kind"], event["subject"], event["by"]) == ("phase", "prepare", "olaf")
    assert (event["before"], event["after"]) == (None, None)
    assert event["reason"] == f"refused: PUT /api/v1/phase: {reply.problem[2]}"


async def test_it_is_there_when_the_caller_hears_of_it_and_after_a_restart(tmp_path: Path) -> None:
    async with calling(settings_in(tmp_path)) as caller:
        await caller.call("PUT", "phase", {"phase": "prepare"})
        before = (await caller.get("events", kind="phase")).body

    async with calling(settings_in(tmp_path)) as caller:
        assert (await caller.get("events", kind="phase")).body == before
    assert len(before) == 1


async def test_a_right_that_is_missing_is_an_event_of_its_caller(guarded: Guarded) -> None:
    await guarded.call(Right.VIEWER, "PUT", "phase", {"phase": "prepare"})

    [event] = await refused(guarded)
    assert (event["kind"], event["subject"], event["by"]) == ("credential", "vera", "vera")
    assert event["reason"] == (
        "refused: PUT /api/v1/phase: /api/v1/phase is for an operator; vera is a viewer"
    )


async def test_a_probe_that_speaks_for_another_host_is_an_event(guarded: Guarded) -> None:
    report = a_report("con-02", [])
    await guarded.call(Right.PROBE, "POST", "reports", report)

    [event] = await refused(guarded)
    assert (event["kind"], event["subject"], event["by"]) == ("credential", "con-01", "con-01")
    assert "says nothing for con-02" in event["reason"]


async def test_an_enrolment_token_that_is_used_up_is_an_event_of_the_host(guarded: Guarded) -> None:
    invited = await guarded.call(Right.OPERATOR, "POST", "enrolments", {"host": "con-02"})
    for own in ("gwt_own", "gwt_thief"):
        order = {"token": invited.body["token"], "host": "con-02", "sha256": digest_of(own)}
        await guarded.call(None, "POST", "enrol", order)

    [event] = await refused(guarded)
    assert (event["kind"], event["subject"], event["by"]) == ("credential", "con-02", None)
    assert event["reason"] == (
        "refused: POST /api/v1/enrol: the enrolment token was used up: ask an operator for a new"
        " one (from 127.0.0.1)"
    )


async def test_the_page_of_somebody_else_is_an_event_with_the_name_of_the_session(
    guarded: Guarded,
) -> None:
    order = {"token": TOKENS[Right.OPERATOR]}
    signed_in = await guarded.call(None, "POST", "session", order, headers={PAGE_HEADER: "page"})
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    reply = await guarded.call(
        None, "PUT", "phase", {"phase": "prepare"}, headers={"Cookie": cookie}
    )

    [event] = await refused(guarded)
    assert reply.problem[1] == "forged"
    assert (event["subject"], event["by"]) == ("olaf", "olaf")


async def test_a_token_that_is_not_for_the_page_is_an_event_of_its_holder(guarded: Guarded) -> None:
    order = {"token": TOKENS[Right.SCRAPER]}
    await guarded.call(None, "POST", "session", order, headers={PAGE_HEADER: "page"})

    [event] = await refused(guarded)
    assert (event["kind"], event["subject"]) == ("credential", "sam")


@pytest.mark.parametrize("order", [{"phase": "x"}, {"phase": "prepare", "force": True}])
async def test_a_slip_of_the_hand_is_none(guarded: Guarded, order: Body) -> None:
    assert (await guarded.call(Right.OPERATOR, "PUT", "phase", order)).status == 422
    assert (await guarded.call(None, "PUT", "phase", order)).status == 401

    assert await refused(guarded) == []


async def of_vera(folder: Path) -> list[str]:
    """Start the collector again, and list what the viewer was refused; the newest first."""
    async with calling(settings_in(folder)) as caller:
        events = (await caller.get("events", kind="credential")).body
    return [one["reason"].partition(";")[0] for one in events if one["by"] == "vera"]


async def test_a_flood_is_two_events(tmp_path: Path) -> None:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        for _ in range(50):
            await guarded.call(Right.VIEWER, "PUT", "phase", {"phase": "prepare"})
        at_once = await refused(guarded)

    assert len(at_once) == 1
    assert await of_vera(tmp_path) == [
        "refused: 49 more like it within a minute",
        "refused: PUT /api/v1/phase: /api/v1/phase is for an operator",
    ]


async def test_while_the_store_is_away_refusals_are_answered_and_recorded_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    async with guarding(guarded_settings(tmp_path)) as guarded:
        with monkeypatch.context() as away:
            away.setattr(Ledger, "order", refuse)
            replies = [
                await guarded.call(Right.VIEWER, "PUT", "phase", {"phase": "prepare"})
                for _ in range(3)
            ]
        before = await refused(guarded)

    assert [reply.status for reply in replies] == [403] * 3
    assert before == []
    assert await of_vera(tmp_path) == ["refused: 3 more like it within a minute"]
