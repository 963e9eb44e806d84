"""On-demand runs: what was asked for, what was answered, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "run_answers",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("check", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("run", "check", name="pk_run_answers"),
    )
    op.create_table(
        "run_rows",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_run_rows"),
    )
