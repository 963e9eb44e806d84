"""Be the probes of an estate's agents, over as many kept-alive connections as are asked for.

python -m bench.collector_load URL AGENTS CONNECTIONS

Learns each agent's checks as a probe does, says `ready`, and then takes orders from its standard
input, one a line: `RATE SECONDS` sends reports of one result a check at a steady rate (0: as fast
as they are answered) and prints what came of it as one line of JSON. A report is late from the
moment at which it was due, so that a collector that stalls cannot hide it.
"""

import asyncio
import hashlib
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.collector_estate import agent
from flows.messages import Assignment, Check, ProbeState, Report, Result, to_json
from flows.outcomes import AnsweredBy, Certificate, Outcome, Service, Stage
from tests.fakes.certificates import der

_MOMENT = datetime(2001, 2, 3, 4, 5, 6, 789000, UTC)
_STAMP = b"2001-02-03T04:05:06.789000Z"
"""Stands for the present in what was prepared."""
_SEQ = 777_000_777


class Told(msgspec.Struct, frozen=True):
    """What came of an order."""

    reports: int
    failures: int
    seconds: float
    p50: float
    """Milliseconds from when a report was due to its answer."""
    p99: float
    worst: float


class Line(asyncio.Protocol):
    """A connection that waits for one answer at a time."""

    def __init__(self) -> None:
        self.answered: Callable[[int, bytes], None] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes, answered: Callable[[int, bytes], None]) -> None:
        """Send a request; `answered` gets the status and the body."""
        self.answered = answered
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read until the answer is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, rest = head.lower().partition(b"content-length: ")
        if len(body) >= int(rest.split(b"\r\n", 1)[0]):
            self._received = b""
            assert self.answered is not None
            self.answered(int(head[9:12]), body)


@dataclass(slots=True)
class Agent:
    """One agent, and what it reports every time."""

    name: str
    template: bytes
    seq: int = 0

    def report(self) -> bytes:
        """Write its next report, all of it measured just now."""
        self.seq += 1
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        seq = b"%9d" % self.seq
        return self.template.replace(_STAMP, now).replace(b"%d" % _SEQ, seq)


def template(host: str, where: str, checks: Sequence[Check]) -> bytes:
    """Prepare the request with a report of an agent."""
    results = tuple(result(check) for check in checks)
    state = ProbeState(version="0.1.0", loop_lag=0.0004)
    report = Report(host=host, stream="6f1d", seq=_SEQ, sent=_MOMENT, probe=state, results=results)
    body = to_json(report).replace(msgspec.json.encode(_MOMENT)[1:-1], _STAMP)
    head = (
        f"POST /api/v1/reports HTTP/1.1\r\nHost: {where}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def result(check: Check) -> Result:
    """See a service answer as a 2.7.1 handler with the old protocol would."""
    is_new = Service.GRPC in check.services
    leaf = der(names=(check.address,)) if is_new else b""
    return Result(
        check=check.id,
        at=_MOMENT,
        outcome=Outcome.OPEN,
        stage=Stage.PROTOCOL,
        answered_by=AnsweredBy.GRPC if is_new else AnsweredBy.MSRPC,
        address=check.address,
        seconds=0.0021,
        stages={Stage.CONNECT: 0.0004, Stage.PROTOCOL: 0.0017},
        rtt_seconds=0.00018,
        alpn="h2" if is_new else None,
        tls_version="TLSv1.3" if is_new else None,
        certificate=Certificate(der=leaf, sha256=hashlib.sha256(leaf).hexdigest())
        if is_new
        else None,
    )


@dataclass(slots=True)
class Load:
    """All agents, and the connections that they share."""

    where: str
    lines: list[Line]
    agents: list[Agent] = field(default_factory=list)
    turn: int = 0

    async def learn(self, count: int) -> None:
        """Ask for every agent's checks."""
        numbers = iter(range(count))

        async def ask(line: Line) -> None:
            for number in numbers:
                self.agents.append(await self._agent(line, agent(number)))

        async with asyncio.TaskGroup() as group:
            for line in self.lines:
                group.create_task(ask(line))

    async def _agent(self, line: Line, name: str) -> Agent:
        found: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        request = f"GET /api/v1/assignments/{name} HTTP/1.1\r\nHost: {self.where}\r\n\r\n"
        line.ask(request.encode(), lambda _, body: found.set_result(body))
        assignment = msgspec.json.decode(await found, type=Assignment)
        return Agent(name, template(name, self.where, assignment.checks))

    async def send(self, rate: float, seconds: float) -> Told:
        """Report at a rate; 0 sends the next report as soon as a connection is free."""
        waits: list[float] = []
        failures = 0
        free = deque(self.lines)
        calm = asyncio.Event()
        begun = time.perf_counter()
        sent = 0

        def start(line: Line, due: float) -> None:
            def answered(status: int, _body: bytes) -> None:
                nonlocal failures
                waits.append(time.perf_counter() - due)
                failures += status != 200
                free.append(line)
                if len(free) == len(self.lines):
                    calm.set()

            line.ask(self._next().report(), answered)

        while (now := time.perf_counter() - begun) < seconds:
            while free and (not rate or sent < now * rate):
                due = begun + sent / rate if rate else time.perf_counter()
                sent += 1
                start(free.popleft(), due)
            await asyncio.sleep(0.001 if rate else 0)
        if len(waits) < sent:
            calm.clear()
            await calm.wait()
        return _told(waits, failures, time.perf_counter() - begun)

    def _next(self) -> Agent:
        self.turn = (self.turn + 1) % len(self.agents)
        return self.agents[self.turn]


def _told(waits: list[float], failures: int, seconds: float) -> Told:
    waits.sort()
    at = [waits[min(len(waits) - 1, int(len(waits) * share))] * 1000 for share in (0.5, 0.99, 1)]
    return Told(len(waits), failures, seconds, *at)


async def main(url: str, count: int, connections: int) -> None:
    where = urlsplit(url).netloc
    host, _, port = where.rpartition(":")
    loop = asyncio.get_running_loop()
    lines = [(await loop.create_connection(Line, host, int(port)))[1] for _ in range(connections)]
    load = Load(where, lines)
    await load.learn(count)
    print("ready", flush=True)
    while order := await asyncio.to_thread(sys.stdin.readline):
        rate, seconds = map(float, order.split())
        print((to_json(await load.send(rate, seconds))).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
