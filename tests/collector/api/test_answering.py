"""Answers are JSON with times in UTC and milliseconds; long ones come in pieces."""

from datetime import UTC, date, datetime

import pytest

from collector.api.answering import encoded
from collector.slices import Slices
from tests.collector.serving import Caller

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOON, "2026-11-23T12:00:00.000Z"),
        (NOON.replace(microsecond=123999), "2026-11-23T12:00:00.123Z"),
        (NOON.replace(microsecond=5), "2026-11-23T12:00:00.000Z"),
    ],
)
def test_times_are_in_utc_with_milliseconds(moment: datetime, written: str) -> None:
    assert encoded({"at": moment}) == f'{{"at":"{written}"}}'.encode()


def test_a_time_within_a_sentence_is_left_alone() -> None:
    assert encoded(["since 2026-11-23T12:00:00Z"]) == b'["since 2026-11-23T12:00:00Z"]'


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "2026-13-45T99:99:99+00:00"])
def test_a_text_that_looks_like_a_time_is_left_alone(text: str) -> None:
    assert encoded(text) == f'"{text}"'.encode()


def test_a_day_is_no_time() -> None:
    assert encoded(date(2026, 11, 23)) == b'"2026-11-23"'


async def test_a_long_list_comes_in_pieces_and_is_whole(caller: Caller) -> None:
    agents = [f"pc-{number:04}" for number in range(10, 360)]
    hosts = "".join(f"  {name}: {{address: 10.8.0.1, roles: [agent]}}\n" for name in agents)
    text = (
        'migration: {name: a, from: "2.6", to: "2.7.1"}\nhosts:\n'
        "  ah-01: {address: 10.1.0.1, roles: [agent-handler]}\n"
        "  ah-02: {address: 10.1.0.2, roles: [agent-handler]}\n" + hosts
    )
    await caller.call("PUT", "inventory", {"inventory": text})

    plan = (await caller.get("plan")).body
    rows = (await caller.get("matrix", phase="agents")).body["rows"]

    assert len(plan) == len({path["path"] for path in plan}) == 350 * 4
    assert len(rows) == 350 * 4


async def test_others_have_their_turn_between_the_pieces_of_a_long_list(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[None] = []

    async def step(_: Slices) -> None:
        turns.append(None)

    monkeypatch.setattr("collector.api.answering._AT_ONCE", 5)
    monkeypatch.setattr(Slices, "step", step)

    plan = (await caller.get("plan")).body

    assert len(plan) > 10
    assert len(turns) >= len(plan) // 5


async def test_an_empty_list_is_a_list(caller: Caller) -> None:
    assert (await caller.get("events", path="nothing")).content == b"[]"


async def test_head_tells_the_headers_alone(caller: Caller) -> None:
    reply = await caller.call("HEAD", "plan")

    assert (reply.status, reply.content) == (200, b"")
