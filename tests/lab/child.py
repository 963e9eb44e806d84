"""The process inside the namespaces: builds the lab, then measures what each line asks."""

import asyncio
import dataclasses
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from flows.outcomes import Observation
from probe.measuring import measure, open_means
from probe.platforms.linux import tcp_info
from probe.platforms.loop_sockets import LoopSockets
from tests.lab.dns import NameServer, name_server_socket
from tests.lab.tasks import Answer, Task
from tests.lab.topology import DESTINATION, DESTINATION6, ROUTER, Topology, build

BACKLOG = 1024


class Echo(asyncio.DatagramProtocol):
    """Sends each datagram back, where it may."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to answer on."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Answer with the same."""
        if self._answers:
            self._transport.sendto(data or b"empty", addr)


@asynccontextmanager
async def services(lab: Topology, task: Task) -> AsyncIterator[None]:
    """Serve what a task wants to find: ports of the destination, names at the router."""
    loop = asyncio.get_running_loop()
    with lab.destination.entered():
        streams = list(_sockets(task.tcp, socket.SOCK_STREAM))
        answering = list(_sockets(task.udp_answering, socket.SOCK_DGRAM))
        silent = list(_sockets(task.udp_silent, socket.SOCK_DGRAM))
    with lab.router.entered():
        names = name_server_socket(ROUTER)
    async with AsyncExitStack() as stack:
        for listening in streams:
            server = await asyncio.start_server(_close, sock=listening, backlog=BACKLOG)
            await stack.enter_async_context(server)
        for listening in answering + silent:
            echo = partial(Echo, answers=listening in answering)
            transport, _ = await loop.create_datagram_endpoint(echo, sock=listening)
            stack.callback(transport.close)
        transport, _ = await loop.create_datagram_endpoint(NameServer, sock=names)
        stack.callback(transport.close)
        yield


def _sockets(ports: tuple[int, ...], kind: socket.SocketKind) -> Iterator[socket.socket]:
    for port in ports:
        for family, address in ((socket.AF_INET, DESTINATION), (socket.AF_INET6, DESTINATION6)):
            made = socket.socket(family, kind)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address, port))
            yield made


async def _close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def perform(lab: Topology, task: Task) -> tuple[Observation, ...]:
    """Measure every check of a task at the same time."""
    async with services(lab, task), open_means(lambda _name, _address, _port: None) as usual:
        by_the_loop = dataclasses.replace(usual, sockets=LoopSockets(tcp_info, usual.now))
        means = by_the_loop if task.loop_sockets else usual
        async with asyncio.TaskGroup() as group:
            measured = [group.create_task(measure(check, means)) for check in task.checks]
    return tuple(one.result() for one in measured)


def answer(lab: Topology, line: bytes) -> Answer:
    """Do what one line asks."""
    try:
        task = msgspec.json.decode(line, type=Task)
        lab.load(task.rules.source, task.rules.router, task.rules.destination)
        run = uvloop.run if task.uvloop else asyncio.run
        return Answer(run(perform(lab, task), debug=True))
    except Exception as error:  # noqa: BLE001 - the test is told
        return Answer(error=f"{type(error).__name__}: {error}")


def use_name_server(address: str, folder: Path) -> None:
    """Have this process, which has mounts of its own, ask one name server only."""
    settings = folder / "resolv.conf"
    settings.write_text(f"nameserver {address}\n", encoding="ascii")
    subprocess.run(["mount", "--bind", settings, "/etc/resolv.conf"], check=True)


def main() -> None:
    """Serve until the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        use_name_server(ROUTER, Path(folder))
        lab = build()
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(msgspec.json.encode(answer(lab, line)) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
