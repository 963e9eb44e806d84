"""Cells by the id of their check, sums of connect times, and the journal of several collectors."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = ("src", "address", "proto", "port")


def upgrade() -> None:
    """Take every cell over; a probe's state says itself when it was seen last."""
    _key_cells()
    with op.batch_alter_table("probes") as probes:
        probes.drop_column("last_seen")
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


def _key_cells() -> None:
    op.create_table(
        "cells_by_check",
        sa.Column("check", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("check", name="pk_cells_by_check"),
    )
    cells, checks, taken_over = (
        sa.table("cells", *(sa.column(name) for name in (*_KEY, "cell"))),
        sa.table("checks", *(sa.column(name) for name in ("id", *_KEY))),
        sa.table("cells_by_check", sa.column("check"), sa.column("cell")),
    )
    same = sa.and_(*(cells.c[name] == checks.c[name] for name in _KEY))
    found = sa.select(checks.c.id, cells.c.cell).select_from(cells.join(checks, same))
    op.execute(taken_over.insert().from_select(["check", "cell"], found))
    op.drop_table("cells")
    op.rename_table("cells_by_check", "cells")
