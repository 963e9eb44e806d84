"""PostgreSQL as a store: one for as many collectors as there are.

Whoever writes holds one lock from before it decides until it is committed, so that every decision
is taken on what stands, whichever collector took the one before. The server frees the lock of a
collector that died, that hangs, or that the network took away. See docs/decisions/0010-replicas.md.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from collector.store import StoreUnusable
from collector.store.upserts import Statement

CHANNEL = "gatewatch"
"""Whoever wrote says so there."""
POLL_SECONDS = 1.0
"""How long an announcement that was lost is missed."""
_LOCK = 0x6761_7465
"""Any number that nobody else takes: advisory locks have no names."""
_BUSY_SECONDS = 5
"""How long to wait for other writers."""
_HUNG_SECONDS = 15
"""After which the server gives up on a writer that says nothing."""
_ANSWER_SECONDS = 20.0
_POOL = 5
"""Connections for reading, beside the one that writes."""
_SCHEME = re.compile(r"postgres(ql)?://")


def url_named(word: str) -> URL | None:
    """Read a URL such as postgresql://gatewatch@db.acme.example/gatewatch; None for any other."""
    if not _SCHEME.match(word):
        return None
    try:
        url = make_url(_SCHEME.sub("postgresql+asyncpg://", word, count=1))
    except (ArgumentError, ValueError):
        return None
    return url if url.database else None


class Postgres:
    """A database on a server, shared with other collectors."""

    dialect = "postgresql"
    is_shared = True

    def __init__(
        self, engine: AsyncEngine, url: URL, failures: tuple[type[Exception], ...]
    ) -> None:
        self.engine = engine
        self.name = url.set(drivername="postgresql")._replace(password=None).render_as_string()
        self.failures = failures
        self._url = url

    @classmethod
    @asynccontextmanager
    async def open(cls, url: URL) -> AsyncIterator["Postgres"]:
        """Prepare to connect. Raises StoreUnusable where the extra `postgres` is not installed."""
        try:
            import asyncpg  # noqa: PLC0415 - an extra: whoever keeps SQLite does without it
        except ImportError as error:
            sentence = "a store in PostgreSQL needs: pip install 'gatewatch[postgres]'"
            raise StoreUnusable(sentence) from error
        engine = create_async_engine(
            url, pool_size=_POOL, max_overflow=_POOL, connect_args=_settings()
        )
        try:
            # What a connection that breaks off raises on its way through the driver.
            failures = (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
            yield cls(engine, url, failures)
        finally:
            await engine.dispose()

    async def check_place(self) -> None:
        """Find nothing to check: the server answers for its place."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[AsyncConnection]:
        """Begin, and wait for the lock that all writers share; it ends with the transaction."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    async def write(self, connection: AsyncConnection, statements: Iterable[Statement]) -> None:
        """Execute statements in the transaction of the turn, and commit it."""
        for statement, rows in statements:
            await connection.execute(statement, rows)
        await connection.commit()

    async def announce(self, connection: AsyncConnection, origin: str) -> None:
        """Notify when the transaction is committed."""
        told = {"channel": CHANNEL, "origin": origin}
        await connection.execute(text("SELECT pg_notify(:channel, :origin)"), told)

    async def listen(self, origin: str, heard: Callable[[], None]) -> None:
        """Listen, and connect anew whenever that breaks off; a poll stands in for it."""
        while True:
            with suppress(OSError, *self.failures):
                await self._listen(origin, heard)
            heard()
            await asyncio.sleep(POLL_SECONDS)

    async def _listen(self, origin: str, heard: Callable[[], None]) -> None:
        import asyncpg  # noqa: PLC0415 - an extra, as above

        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain, **_settings())
        try:
            await connection.add_listener(
                CHANNEL, lambda *told: None if told[-1] == origin else heard()
            )
            while not connection.is_closed():
                await asyncio.sleep(POLL_SECONDS)
                heard()
        finally:
            connection.terminate()


def _settings() -> dict[str, Any]:
    """Settle how connections behave."""
    return {
        "timeout": float(_BUSY_SECONDS),
        "command_timeout": _ANSWER_SECONDS,
        "server_settings": {
            "application_name": "gatewatch",
            "synchronous_commit": "on",
            "lock_timeout": f"{_BUSY_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{_HUNG_SECONDS}s",
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        },
    }
