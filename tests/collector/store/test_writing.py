"""A decision becomes statements: only those that it needs."""

from collections.abc import Sequence

from collector.memory import Changes, Event, EventKind
from collector.store.batch import Batch, Taken
from collector.store.tables import EVENTS
from collector.store.turn import Known
from collector.store.upserts import Row, Statement
from collector.store.writing import statements
from tests.collector.store.opened import sources
from tests.collector.store.samples import NOON, everything, happened


def made(*changes: Changes, taken: Sequence[Taken] = ()) -> list[Statement]:
    batch = Batch(changes=changes, taken=tuple(taken))
    streams = Known(origin="").with_taken(taken)
    return list(statements(batch, sources(None, batch), streams, "sqlite"))


def event_rows(*events: Event) -> list[Row]:
    [(_, rows)] = made(Changes(events=events))
    return rows


def test_a_decision_that_changes_nothing_writes_nothing() -> None:
    assert made(Changes()) == []


def test_a_batch_takes_one_statement_a_table() -> None:
    alone = len(made(everything(), taken=[Taken("pc-001", "a", 1, NOON)]))

    taken = [Taken("pc-001", "a", 1, NOON), Taken("pc-002", "b", 1, NOON)]
    both = len(made(everything(), everything(), taken=taken))

    assert alone == both


def test_only_the_last_report_of_a_spool_is_written() -> None:
    taken = [Taken("pc-001", "a", seq, NOON) for seq in (3, 5, 4)]

    [(_, rows)] = made(taken=taken)

    assert [row["streams"] for row in rows] == [b'{"a":[5,"2026-11-23T12:00:00.123456Z"]}']


def test_an_event_of_a_path_names_both_of_its_hosts() -> None:
    [row] = event_rows(happened("agent:pc-001>ah-01:tcp/443"))

    assert (row["src"], row["dst"]) == ("pc-001", "ah-01")


def test_an_event_of_a_host_names_it() -> None:
    rows = event_rows(happened("be-01", EventKind.VERSION), happened("pc-001", EventKind.PROBE))

    assert [(row["src"], row["dst"]) for row in rows] == [("be-01", None), ("pc-001", None)]


def test_an_event_of_the_estate_names_no_host() -> None:
    rows = event_rows(happened("prepare", EventKind.PHASE), happened("agent:hq/*>ah-01"))

    assert [(row["src"], row["dst"]) for row in rows] == [(None, None), (None, None)]


def test_every_column_of_an_event_is_filled() -> None:
    [row] = event_rows(happened())

    assert {"id", *row} == {column.name for column in EVENTS.columns}
