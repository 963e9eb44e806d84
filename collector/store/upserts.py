"""Insert or replace: the one statement that SQLAlchemy words by database."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]
"""Values by column; what each column takes only the database knows."""
Statement = tuple[Executable, list[Row]]
"""What to execute, and every set of values to execute it with."""
Dialect = str
"""What SQLAlchemy calls a database: `sqlite` or `postgresql`."""
Insert = sqlite.Insert | postgresql.Insert
_INSERT: dict[Dialect, Callable[[Table], Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


@cache
def upsert(table: Table, dialect: Dialect) -> Insert:
    """Insert rows, or take their values into the rows that have their keys.

    Made once: wording it takes longer than writing a row.
    """
    statement = _INSERT[dialect](table)
    keys = [column.name for column in table.primary_key]
    values = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    if not values:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
