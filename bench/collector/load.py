"""Be the probes of an estate's agents, over as many kept-alive connections as are asked for.

python -m bench.collector.load WORK

WORK is a `Work` in JSON. Learns each agent's checks as a probe does, says `ready`, and then takes
orders from its standard input, one line of JSON each, and prints what came of it as another. A
report is late from the moment at which it was due, so that a collector that stalls cannot hide it.
"""

import asyncio
import gc
import os
import ssl
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.collector.estate import agent, token_of
from bench.collector.orders import Order, Told, Work
from bench.collector.saying import Agent, reporting
from flows.messages import Assignment

_BEHIND_SECONDS = 0.0005
"""A pause between two looks at what is due."""


class Line(asyncio.Protocol):
    """A connection that waits for one answer at a time."""

    def __init__(self) -> None:
        self._answered: Callable[[int, bytes], None] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes, answered: Callable[[int, bytes], None]) -> None:
        """Send a request; `answered` gets the status and the body."""
        self._answered = answered
        self._transport.write(request)

    @property
    def is_closed(self) -> bool:
        """Whether the collector hung up: it does after a minute without a call."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Read until the answer is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, rest = head.lower().partition(b"content-length: ")
        if len(body) >= int(rest.split(b"\r\n", 1)[0]):
            self._received, answered = b"", self._answered
            assert answered is not None
            self._answered = None
            answered(int(head[9:12]), body)

    def connection_lost(self, exc: Exception | None) -> None:
        """End at once if an answer was due: no figure is worth anything then."""
        if self._answered is not None:
            print("the collector hung up", exc or "", file=sys.stderr)
            os._exit(1)


class Sending:
    """An order under way: who waits for an answer, and since when."""

    def __init__(self, lines: list[Line], turns: "deque[Agent]", order: Order) -> None:
        self._free = deque(lines)
        self._lines = len(lines)
        self._turns = turns
        self._order = order
        self._most = order.reports if order.reports is not None else sys.maxsize
        self._sent = 0
        self._waits: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._calm = asyncio.Event()

    async def run(self) -> Told:
        """Send what was ordered, and wait for all answers."""
        began, used = time.perf_counter(), time.process_time()
        end = began + self._order.seconds
        while (now := time.perf_counter()) < end and self._sent < self._most:
            self._send_due(began, now)
            await asyncio.sleep(_BEHIND_SECONDS if self._order.rate else 0)
        if len(self._free) < self._lines:
            self._calm.clear()
            await self._calm.wait()
        seconds = time.perf_counter() - began
        return self._told(seconds, (time.process_time() - used) / seconds)

    def _send_due(self, began: float, now: float) -> None:
        rate = self._order.rate
        due = min(self._most, int((now - began) * rate) + 1) if rate else self._most
        while self._free and self._sent < due:
            self._send(began + self._sent / rate if rate else now)

    def _send(self, due: float) -> None:
        line, saying = self._free.popleft(), self._turns[0]
        self._turns.rotate(-1)
        self._sent += 1

        def answered(status: int, _body: bytes) -> None:
            self._waits.append(time.perf_counter() - due)
            self._statuses[status] += 1
            self._free.append(line)
            if len(self._free) == self._lines:
                self._calm.set()

        line.ask(saying.report(), answered)

    def _told(self, seconds: float, busy: float) -> Told:
        waits = sorted(self._waits)
        p50, p99, worst = (
            waits[min(len(waits) - 1, int(len(waits) * share))] * 1000 for share in (0.5, 0.99, 1)
        )
        return Told(
            reports=len(waits),
            statuses=dict(self._statuses),
            seconds=seconds,
            busy=busy,
            p50=p50,
            p99=p99,
            worst=worst,
        )


def place(url: str) -> tuple[str, int]:
    """Read where a collector is."""
    where = urlsplit(url)
    assert where.hostname is not None
    assert where.port is not None
    return where.hostname, where.port


async def lines_to(work: Work) -> list[Line]:
    """Open the connections, one after the other to each of the collectors."""
    context = ssl.create_default_context(cafile=work.ca) if work.ca else None
    return [await _line(work, number, context) for number in range(work.connections)]


async def _line(work: Work, number: int, context: ssl.SSLContext | None) -> Line:
    host, port = place(work.urls[number % len(work.urls)])
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, host, port, ssl=context)
    return line


async def learned(lines: list[Line], work: Work) -> list[Agent]:
    """Ask for every agent's checks."""
    numbers = iter(range(work.agents))
    agents: list[Agent] = []

    async def ask(line: Line) -> None:
        for number in numbers:
            agents.append(await _agent(line, agent(number)))  # noqa: PERF401 - shared by all lines

    async with asyncio.TaskGroup() as group:
        for line in lines:
            group.create_task(ask(line))
    return agents


async def _agent(line: Line, name: str) -> Agent:
    found: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
    request = (
        f"GET /api/v1/assignments/{name} HTTP/1.1\r\nHost: collector\r\n"
        f"Authorization: Bearer {token_of(name)}\r\n\r\n"
    )
    line.ask(request.encode(), lambda status, body: found.set_result((status, body)))
    status, body = await found
    if status != 200:
        raise RuntimeError(f"the checks of {name}: {status} {body.decode()}")
    assignment = msgspec.json.decode(body, type=Assignment)
    return reporting(name, assignment.checks)


async def main(work: Work) -> None:
    lines = await lines_to(work)
    turns = deque(await learned(lines, work))
    gc.freeze()  # or looking through all agents would make reports late
    print("ready", flush=True)
    while order := await asyncio.to_thread(sys.stdin.readline):
        if any(line.is_closed for line in lines):
            for line in lines:
                line.close()
            lines = await lines_to(work)
        told = await Sending(lines, turns, msgspec.json.decode(order, type=Order)).run()
        print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Work)))
