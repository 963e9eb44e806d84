"""Bringing the tables of a store up to this release, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from collector.store import StoreUnusable

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, name: str) -> None:
    """Run the migrations that a store lacks; `name` is the store's in messages.

    Raises StoreUnusable for a store that a newer release made.
    """
    config = Config()
    # Alembic reads a percent sign in a path as the start of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for found in MigrationContext.configure(connection).get_current_heads():
        if found not in known:
            raise StoreUnusable(
                f"the store {name} was made by a newer release (its schema is {found}): install"
                " that release, or name another store"
            )
    command.upgrade(config, "head")
