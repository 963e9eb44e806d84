"""Probes whose silence was told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "unheard",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("unheard", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_unheard"),
    )
