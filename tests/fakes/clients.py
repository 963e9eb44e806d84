"""A client that asks a fake one thing and takes what comes: for tests of the fakes alone."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.fakes.streams import Address

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(
    address: Address, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Connection]:
    """Connect, with TLS if a context is given; close at the end."""
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(*address, ssl=tls, server_hostname=name)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def asked(address: Address, question: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """Send a question, and take all that is said until the server closes."""
    async with connected(address, tls) as (reader, writer):
        writer.write(question)
        return await reader.read()
