"""The tables of the store, as the newest migration leaves them.

Times are UTC. What only the collector reads back whole is kept as JSON in one column.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A time with its zone, which some databases forget: kept as UTC, and UTC again when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SERIAL = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts rows only in a column that is called INTEGER."""


def _check_columns(*, key: bool) -> list[Column[object]]:
    """Make the columns of a check: source host, destination address, protocol, port."""
    return [
        Column("src", Text, primary_key=key, nullable=False),
        Column("address", Text, primary_key=key, nullable=False),
        Column("proto", Text, primary_key=key, nullable=False),
        Column("port", Integer, primary_key=key, nullable=False, autoincrement=False),
    ]


FACTS = Table(
    "facts",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Inventory and phase: what there is one of."""
INVENTORY = "inventory"
INVENTORY_NAME = "inventory_name"
PHASE = "phase"
PHASE_SINCE = "phase_since"
CHECKED = "checked"
"""When it was last made sure that the store can be written."""

VERSIONS = Table(
    "versions",
    METADATA,
    Column("host", Text, primary_key=True),
    Column("version", Text, nullable=False),
)
"""As operators set them."""

SHOWN = Table(
    "shown",
    METADATA,
    Column("host", Text, primary_key=True),
    Column("new", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)

CHECKS = Table(
    "checks",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    *_check_columns(key=False),
    UniqueConstraint("src", "address", "proto", "port"),
)
"""Every check that ever was; rows are never removed, so that an id never means another check."""

SOURCES = Table(
    "sources",
    METADATA,
    Column("host", Text, primary_key=True),
    Column("cells", LargeBinary, nullable=False),
    Column("probe", LargeBinary),
    Column("streams", LargeBinary, nullable=False),
)
"""All that the reports of one host change, in one row: what is known of its checks, by their ids;
what its probe last said of itself; and the last report of each of its spools that was taken."""

UNHEARD = Table(
    "unheard",
    METADATA,
    Column("host", Text, primary_key=True),
    Column("unheard", LargeBinary, nullable=False),
)
"""Probes whose silence was told."""

BREAKS = Table(
    "breaks",
    METADATA,
    *_check_columns(key=True),
    Column("since", Moment, nullable=False),
)

REACHED = Table(
    "reached",
    METADATA,
    Column("phase", Text, primary_key=True),
    Column("goal", Text, primary_key=True),
)

SILENCES = Table(
    "silences",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reach", Text, nullable=False),
    Column("glob", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("begins", Moment),
    Column("until", Moment, nullable=False),
    Column("by", Text),
)
"""What operators said of paths, until it ends."""

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("run", LargeBinary, nullable=False),
)

RUN_ANSWERS = Table(
    "run_answers",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("check", Integer, primary_key=True, autoincrement=False),
)
"""Of the runs that still run."""

RUN_ROWS = Table(
    "run_rows",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("rows", LargeBinary, nullable=False),
)
"""Of the runs that are over; JSON, compressed (zlib)."""

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("credential", LargeBinary, nullable=False),
)

ENROLMENTS = Table(
    "enrolments",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("enrolment", LargeBinary, nullable=False),
)

JOINED = Table(
    "joined",
    METADATA,
    Column("host", Text, primary_key=True),
    Column("joined", LargeBinary, nullable=False),
)
"""Agents that joined at run time."""

CONNECTS = Table(
    "connects",
    METADATA,
    Column("flow", Text, primary_key=True),
    Column("spread", LargeBinary, nullable=False),
)
"""How long connecting took, since the store was made."""

JOURNAL = Table(
    "journal",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("batch", LargeBinary, nullable=False),
)
"""What collectors that share this store wrote of late, without a gap; msgpack. Else empty."""

EVENTS = Table(
    "events",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("src", Text, index=True),
    Column("dst", Text, index=True),
    Column("reason", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("by", Text),
    sqlite_autoincrement=True,
)
"""`src` and `dst` are the hosts that an event is about; ids only grow."""
