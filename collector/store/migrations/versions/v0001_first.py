"""The first tables: memory, streams and events. Frozen: later changes are later migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    _of_the_estate()
    _of_the_checks()
    _of_the_probes()
    _of_the_events()


def _of_the_estate() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_table(
        "versions",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_versions"),
    )
    op.create_table(
        "shown",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("new", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_shown"),
    )
    op.create_table(
        "reached",
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("phase", "goal", name="pk_reached"),
    )


def _check() -> list[sa.Column[object]]:
    return [
        sa.Column("src", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("proto", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), autoincrement=False, nullable=False),
    ]


def _of_the_checks() -> None:
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *_check(),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
        sa.UniqueConstraint("src", "address", "proto", "port", name="uq_checks_src"),
    )
    op.create_table(
        "cells",
        *_check(),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cell", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("src", "address", "proto", "port", name="pk_cells"),
    )
    op.create_table(
        "breaks",
        *_check(),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("src", "address", "proto", "port", name="pk_breaks"),
    )


def _of_the_probes() -> None:
    op.create_table(
        "probes",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probe", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_probes"),
    )
    op.create_table(
        "streams",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", "stream", name="pk_streams"),
    )
    op.create_index("ix_streams_at", "streams", ["at"])


def _of_the_events() -> None:
    op.create_table(
        "events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("src", sa.Text()),
        sa.Column("dst", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    for column in ("subject", "src", "dst"):
        op.create_index(f"ix_events_{column}", "events", [column])
