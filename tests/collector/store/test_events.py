"""Events are found by order, path and host."""

from datetime import timedelta
from fnmatch import fnmatchcase

import pytest
from sqlalchemy import literal, select

from collector.memory import Changes, EventKind
from collector.store.events import EventQuery, like
from collector.store.store import Store
from tests.collector.store.opened import write
from tests.collector.store.samples import NOON, happened

SUBJECTS = (
    ("agent:pc-001>ah-01:tcp/443", EventKind.TURN),
    ("agent:PC-001>ah-02:tcp/443", EventKind.TURN),
    ("sql:be-01>sql-01:tcp/1433", EventKind.SUSPECT),
    ("be-01", EventKind.VERSION),
    ("prepare", EventKind.PHASE),
    ("agent:hq/*>ah-01", EventKind.GOAL),
)


@pytest.fixture
async def filled(store: Store) -> Store:
    events = tuple(
        happened(subject, kind, NOON + timedelta(seconds=second))
        for second, (subject, kind) in enumerate(SUBJECTS)
    )
    await write(store, [Changes(events=events)])
    return store


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (EventQuery(), [6, 5, 4, 3, 2, 1]),
        (EventQuery(limit=2), [6, 5]),
        (EventQuery(limit=2, before=5), [4, 3]),
        (EventQuery(after=0, limit=2), [1, 2]),
        (EventQuery(after=6), []),
        (EventQuery(path="*"), [3, 2, 1]),
        (EventQuery(path="agent:pc-*"), [1]),
        (EventQuery(path="agent:[Pp][Cc]-001>*", limit=1), [2]),
        (EventQuery(path="agent:[!p]*"), [2]),
        (EventQuery(path="*tcp/443", limit=1, after=0), [1]),
        (EventQuery(path="agent:pc-001>ah-01:tcp/443"), [1]),
        (EventQuery(path="%"), []),
        (EventQuery(path="agent:pc_001*"), []),
        (EventQuery(host="be-01"), [4, 3]),
        (EventQuery(host="ah-01"), [1]),
        (EventQuery(host="nobody"), []),
    ],
)
async def test_a_query_finds_what_it_asks_for(
    filled: Store, query: EventQuery, ids: list[int]
) -> None:
    assert [event.id for event in await filled.events(query)] == ids


async def test_what_is_told_of_a_place_is_found_by_each_of_its_hosts(filled: Store) -> None:
    await write(filled, [Changes(events=(happened("site dc1", EventKind.PROBE),))])

    query = EventQuery(host="be-01")
    assert [event.id for event in await filled.events(query, "site dc1")] == [7, 4, 3]
    assert [event.id for event in await filled.events(query)] == [4, 3]


async def test_an_event_comes_back_as_it_was(filled: Store) -> None:
    [found] = await filled.events(EventQuery(after=0, limit=1))

    expected = happened()
    assert (found.at, found.kind, found.subject) == (expected.at, expected.kind, expected.subject)
    assert (found.reason, found.before, found.after, found.by) == (
        "it refused",
        "ok",
        "broken",
        None,
    )


@pytest.mark.parametrize("glob", ["*", "a?c", "[abc]x", "[!a]x", "[]]x", "[", "50%", "a_c", "a\\c"])
async def test_like_matches_whatever_the_glob_matches(store: Store, glob: str) -> None:
    words = ["", "a", "abc", "a_c", "a\\c", "ax", "]x", "[", "50%", "505", "%"]
    async with store._database.engine.connect() as connection:
        for word in words:
            matches = select(literal(word).like(like(glob), escape="\\"))
            found = (await connection.execute(matches)).scalar_one()

            assert found or not fnmatchcase(word, glob)
