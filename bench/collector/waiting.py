"""Be probes that wait for a change of their assignment, and tell when they hear of a run.

python -m bench.collector.waiting WORK

WORK is a `Work` in JSON. Learns each probe's assignment, says `ready`, and takes orders from its
standard input, one a line: `wait` has all of them connect and wait; `one host` and `all hosts`
begin a run of so many, and cancel it once everybody heard of it and waits again. Each prints an
`Announced`.
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
    """A probe, with a connection of its own."""

    def __init__(self, name: str, where: tuple[str, int]) -> None:
        self.name = name
        self._where = where
        self.heard: float | None = None
        """When the last answer came."""
        self._revision = ""
        self._received = b""
        self._whole = asyncio.Event()

    async def learn(self) -> None:
        """Learn the assignment, over a connection that is not kept."""
        await self.connect()
        self.ask(wait=0)
        await self.answered()
        self._transport.close()

    async def connect(self) -> None:
        """Connect."""
        await asyncio.get_running_loop().create_connection(lambda: self, *self._where)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, wait: int = _WAIT_SECONDS) -> None:
        """Ask for the assignment, once it is another than the one that is known."""
        self.heard = None
        self._whole.clear()
        known = f'If-None-Match: "{self._revision}"\r\n' if self._revision else ""
        request = (
            f"GET /api/v1/assignments/{self.name}?wait={wait} HTTP/1.1\r\nHost: collector\r\n"
            f"Authorization: Bearer {token_of(self.name)}\r\n{known}\r\n"
        )
        self._transport.write(request.encode())

    def data_received(self, data: bytes) -> None:
        """Note the moment; read until the answer is whole."""
        if self.heard is None:
            self.heard = time.perf_counter()
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
            self._whole.set()

    async def answered(self) -> float:
        """Wait for the answer; tells when it came."""
        await self._whole.wait()
        assert self.heard is not None
        return self.heard


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
                await self._wait(self._probes)
                return Announced(waits=[])
            case "one host":
                probe = next(self._turn)
                return await self._told([probe], {"src": [probe.name]})
            case "all hosts":
                return await self._told(self._probes, {})
            case _:
                raise ValueError(f"nobody carries out '{order}'")

    async def _told(self, asked: list[Probe], scope: dict[str, list[str]]) -> Announced:
        began = time.perf_counter()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async with self._session.post(self._runs, json=scope) as answer:
                run = await answer.json()
                if answer.status != 200:
                    raise RuntimeError(f"no run began: {run}")
            heard = [await probe.answered() for probe in asked]
            async with self._session.delete(f"{self._runs}/{run['id']}"):
                pass
            for probe in asked:
                probe.ask(wait=0)  # it is another assignment again
            for probe in asked:
                await probe.answered()
        await self._wait(asked)
        return Announced(waits=[(moment - began) * 1000 for moment in heard])

    async def _wait(self, probes: list[Probe]) -> None:
        """Have some wait again, until the collector's own count has all of them."""
        for probe in probes:
            probe.ask()
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
    await each(probes, Probe.learn)
    gc.freeze()  # or looking through all probes would make some late
    print("ready", flush=True)
    operator = {"Authorization": f"Bearer {token_of(OPERATOR)}"}
    async with aiohttp.ClientSession(headers=operator) as session:
        everybody = Probes(work.urls[0], probes, session)
        while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(msgspec.json.encode(await everybody.carry_out(order)).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Work)))
