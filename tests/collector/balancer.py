"""A balancer for TCP: each connection goes to the next collector that takes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count


class Balancer:
    """Passes bytes on; a backend that refuses is passed over."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self._turn = count()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pass_on(reader, there[1]))
            tasks.create_task(_pass_on(there[0], writer))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self._turn)
        for offset in range(len(self.ports)):
            with suppress(OSError):
                port = self.ports[(first + offset) % len(self.ports)]
                return await asyncio.open_connection("127.0.0.1", port)
        raise OSError("no collector takes the connection")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while content := await reader.read(1 << 16):
            writer.write(content)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def balancing(ports: list[int], port: int = 0) -> AsyncIterator[str]:
    """Balance over these ports of loopback while the block runs; gives the URL, of a free port."""
    balancer = Balancer(ports)
    async with await asyncio.start_server(balancer.serve, "127.0.0.1", port) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
