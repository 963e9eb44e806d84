"""One row for all that a host's reports change; sums of connect times; a journal for replicas.

A report of ten results touched fourteen rows, and now one.
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = ("src", "address", "proto", "port")


def upgrade() -> None:
    """Take every cell, probe and spool over."""
    op.create_table(
        "sources",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.Column("probe", sa.LargeBinary()),
        sa.Column("streams", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_sources"),
    )
    _take_over()
    for table in ("cells", "probes", "streams"):
        op.drop_table(table)
    op.create_table(
        "connects",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("spread", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("flow", name="pk_connects"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])


def _take_over() -> None:
    connection = op.get_bind()
    cells, probes = dict(_cells(connection)), dict(_probes(connection))
    streams: dict[str, dict[str, list[object]]] = {}
    for host, stream, seq, at in _streams(connection):
        streams.setdefault(host, {})[stream] = [seq, at]
    sources = sa.table("sources", *map(sa.column, ("host", "cells", "probe", "streams")))
    rows = [
        {
            "host": host,
            "cells": b"{" + b",".join(cells.get(host, ())) + b"}",
            "probe": probes.get(host),
            "streams": json.dumps(streams.get(host, {})).encode(),
        }
        for host in sorted({*cells, *probes, *streams})
    ]
    if rows:
        connection.execute(sources.insert(), rows)


def _cells(connection: sa.Connection) -> Iterator[tuple[str, list[bytes]]]:
    """Walk the hosts with what is known of their checks: JSON, and so it stays."""
    cells = sa.table("cells", *map(sa.column, (*_KEY, "cell")))
    checks = sa.table("checks", *map(sa.column, ("id", *_KEY)))
    same = sa.and_(*(cells.c[name] == checks.c[name] for name in _KEY))
    found: dict[str, list[bytes]] = {}
    joined = sa.select(checks.c.src, checks.c.id, cells.c.cell).select_from(
        cells.join(checks, same)
    )
    for host, number, cell in connection.execute(joined):
        found.setdefault(host, []).append(b'"%d":%s' % (number, bytes(cell)))
    yield from found.items()


def _probes(connection: sa.Connection) -> Iterator[tuple[str, bytes]]:
    probes = sa.table("probes", sa.column("host"), sa.column("probe"))
    for row in connection.execute(sa.select(probes.c.host, probes.c.probe)):
        yield row.host, row.probe


def _streams(connection: sa.Connection) -> Iterator[tuple[str, str, int, str]]:
    at = sa.column("at", sa.DateTime(timezone=True))
    streams = sa.table("streams", *map(sa.column, ("host", "stream", "seq")), at)
    for host, stream, seq, moment in connection.execute(sa.select(*streams.c)):
        zone = "" if moment.tzinfo else "Z"
        yield host, stream, seq, moment.isoformat() + zone
