"""Who may call: credentials, enrolment tokens, and agents that joined with them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make their tables."""
    for table, key, value in (
        ("credentials", "id", "credential"),
        ("enrolments", "id", "enrolment"),
        ("joined", "host", "joined"),
    ):
        op.create_table(
            table,
            sa.Column(key, sa.Text(), nullable=False),
            sa.Column(value, sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
        )
