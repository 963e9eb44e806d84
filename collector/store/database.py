"""What one database does otherwise than another; the rest of the store does not know which."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from collector.store.upserts import Dialect, Statement


class Database(Protocol):
    """An open database."""

    engine: AsyncEngine
    name: str
    """In messages to the operator; holds no secret."""
    dialect: Dialect
    is_shared: bool
    """Whether other collectors write to it too: then there is a journal of what they wrote."""
    failures: tuple[type[Exception], ...]
    """What its driver raises, beside SQLAlchemy's own errors."""

    async def check_place(self) -> None:
        """Notice that what is open is no longer what will be opened next; raises OSError."""

    def turn(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Wait until nobody else writes, and keep it so while the block runs.

        What is not committed when it ends is undone. The connection may have to be `started`.
        """

    async def write(self, connection: AsyncConnection, statements: Iterable[Statement]) -> None:
        """Execute statements, and commit; when this returns they are on the disk.

        `connection` holds the turn.
        """

    async def announce(self, connection: AsyncConnection, origin: str) -> None:
        """Tell other collectors, once the transaction is committed, that there is something new."""

    async def listen(self, origin: str, heard: Callable[[], None]) -> None:
        """Call back when others announce, and now and then besides, until cancelled.

        `origin` names the collector that listens.
        """


async def started(connection: AsyncConnection) -> AsyncConnection:
    """Have a connection be open: whoever only writes may do without it."""
    return connection if connection.sync_connection is not None else await connection.start()
