"""Be probes that wait for a change of their assignment, and tell when they hear of a run.

python -m bench.collector.waiting WORK

WORK is a `Work` in JSON. Says `ready`, and takes orders from its standard input, one a line:
`wait` has all of them connect and wait; `one host` and `all hosts` begin a run of so many, and
cancel it once everybody heard of it and waits again. Each prints an `Announced`.
"""

import asyncio
import gc
import itertools
import sys
import time
from collections.abc import Awaitable, Callable
from typing import cast

import aiohttp
import msgspec
import uvloop

from bench.collector.estate import OPERATOR, agent, token_of
from bench.collector.load import place
from bench.collector.orders import Announced, Work

_AT_ONCE = 50
"""Connections that are opened at the same time."""
_WAIT_SECONDS = 300
_PATIENCE_SECONDS = 300.0


class Probe(asyncio.Protocol):
    """A probe, with a connection of its own; it asks again as soon as it has its answer."""

    def __init__(self, name: str, where: tuple[str, int]) -> None:
        self.name = name
        self._where = where
        self._revision = ""
        self._received = b""
        self._began = 0.0
        self._told: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def connect(self) -> None:
        """Connect, learn the assignment, and wait for another one."""
        told = self.expect()
        await asyncio.get_running_loop().create_connection(lambda: self, *self._where)
        await told

    def expect(self) -> asyncio.Future[float]:
        """Give what becomes the moment at which the next answer begins."""
        self._told = asyncio.get_running_loop().create_future()
        return self._told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Note the moment; read until the answer is whole, and ask for the next."""
        if not self._received:
            self._began = time.perf_counter()
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{self.name}: {self._received.decode()}")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        if len(body) >= int(fields[b"content-length"]):
            self._received = b""
            self._revision = fields[b"etag"].strip(b'"').decode()
            self._ask()
            if not self._told.done():
                self._told.set_result(self._began)

    def _ask(self) -> None:
        """Ask for the assignment, once it is another than the one that is known."""
        known = f'If-None-Match: "{self._revision}"\r\n' if self._revision else ""
        wait = _WAIT_SECONDS if self._revision else 0
        request = (
            f"GET /api/v1/assignments/{self.name}?wait={wait} HTTP/1.1\r\nHost: collector\r\n"
            f"Authorization: Bearer {token_of(self.name)}\r\n{known}\r\n"
        )
        self._transport.write(request.encode())


class Probes:
    """All probes, and the operator who begins runs."""

    def __init__(self, url: str, probes: list[Probe], session: aiohttp.ClientSession) -> None:
        self._runs = f"{url}/api/v1/runs"
        self._probes = probes
        self._session = session
        self._turn = itertools.cycle(probes)

    async def carry_out(self, order: str) -> Announced:
        """Do what was ordered."""
        match order:
            case "wait":
                await each(self._probes, Probe.connect)
                await self._all_wait()
                return Announced(waits=[])
            case "one host":
                probe = next(self._turn)
                return await self._told([probe], {"src": [probe.name]})
            case "all hosts":
                return await self._told(self._probes, {})
            case _:
                raise ValueError(f"nobody carries out '{order}'")

    async def _told(self, asked: list[Probe], scope: dict[str, list[str]]) -> Announced:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            told, began = [probe.expect() for probe in asked], time.perf_counter()
            async with self._session.post(self._runs, json=scope) as answer:
                run = await answer.json()
                if answer.status != 200:
                    raise RuntimeError(f"no run began: {run}")
            heard = [await one for one in told]
            await self._all_wait()
            async with self._session.delete(f"{self._runs}/{run['id']}"):
                pass  # which nobody is woken for
        return Announced(waits=[(moment - began) * 1000 for moment in heard])

    async def _all_wait(self) -> None:
        """Have a pause until the collector's own count has all of them."""
        line = f"gatewatch_collector_long_polls {len(self._probes):.1f}"
        page = self._runs.replace("/api/v1/runs", "/metrics/self")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                async with self._session.get(page) as answer:
                    if line in (await answer.text()).splitlines():
                        return
                await asyncio.sleep(0.05)


async def each(probes: list[Probe], do: Callable[[Probe], Awaitable[None]]) -> None:
    """Do something for every probe, for some at the same time."""
    waiting = iter(probes)

    async def go_on() -> None:
        for probe in waiting:
            await do(probe)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(go_on())


async def main(work: Work) -> None:
    where = place(work.urls[0])
    probes = [Probe(agent(number), where) for number in range(work.agents)]
    gc.freeze()  # or looking through all probes would make some late
    print("ready", flush=True)
    operator = {"Authorization": f"Bearer {token_of(OPERATOR)}"}
    async with aiohttp.ClientSession(headers=operator) as session:
        everybody = Probes(work.urls[0], probes, session)
        while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(msgspec.json.encode(await everybody.carry_out(order)).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Work)))
