"""Columns keep what Python means."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from collector.store.tables import EVENTS, METADATA, Moment

SQLITE: Dialect = sqlite.dialect()
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped upstream
NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_a_moment_is_written_in_utc(dialect: Dialect) -> None:
    paris = NOON.astimezone(timezone(timedelta(hours=1)))

    written = Moment().process_bind_param(paris, dialect)

    assert written is not None
    assert (written.hour, written.tzinfo) == (12, UTC)


@pytest.mark.parametrize("read", [NOON, NOON.replace(tzinfo=None)])
def test_a_moment_is_read_in_utc_whatever_the_database_remembers(read: datetime) -> None:
    assert Moment().process_result_value(read, SQLITE) == NOON


def test_no_moment_stays_none() -> None:
    assert Moment().process_bind_param(None, SQLITE) is None
    assert Moment().process_result_value(None, SQLITE) is None


def test_ids_of_events_are_never_given_twice() -> None:
    assert "AUTOINCREMENT" in str(CreateTable(EVENTS).compile(dialect=SQLITE))


def test_every_table_can_be_made_in_postgresql() -> None:
    for table in METADATA.tables.values():
        assert str(CreateTable(table).compile(dialect=POSTGRESQL)).strip().startswith("CREATE")
