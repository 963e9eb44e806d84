"""Report as probes that connect anew each time.

python -m bench.collector.connecting WORK

WORK is a `Work` in JSON. Learns each agent's checks, says `ready`, and takes orders from its
standard input, one a line: `clear SECONDS` speaks no TLS, `resumed SECONDS` goes on from the TLS
session before, `full SECONDS` has a whole handshake each time. Each prints a `Connected`.
"""

import socket
import ssl
import sys
import threading
import time
from collections import deque

import msgspec
import uvloop

from bench.collector.load import learned, lines_to, place
from bench.collector.orders import Connected, Work
from bench.collector.saying import Agent

_AT_ONCE = 1 << 16


class Clients:
    """Threads that share the agents."""

    def __init__(self, work: Work, agents: list[Agent]) -> None:
        self._where = place(work.urls[0])
        self._threads = work.connections
        self._context = ssl.create_default_context(cafile=work.ca) if work.ca else None
        self._session: ssl.SSLSession | None = None
        self._turns = deque(agents)
        self._lock = threading.Lock()
        self._done: list[bool] = []
        """Whether a handshake was resumed, for each report."""

    def run(self, seconds: float, *, resume: bool) -> Connected:
        """Report so long."""
        self._done = []
        began = time.perf_counter()
        arguments = (began + seconds, resume)
        threads = [
            threading.Thread(target=self._report_until, args=arguments)
            for _ in range(self._threads)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
        return Connected(reports=len(self._done), resumed=sum(self._done), seconds=taken)

    def _report_until(self, end: float, resume: bool) -> None:  # noqa: FBT001 - a thread's target
        while time.perf_counter() < end:
            with self._lock:
                report = self._turns[0].report()
                self._turns.rotate(-1)
            with (
                socket.create_connection(self._where) as plain,
                self._secured(plain, resume=resume) as connection,
            ):
                connection.sendall(report)
                answer = connection.recv(_AT_ONCE)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"a report was not taken: {answer.decode()}")
                self._done.append(self._note_session(connection))

    def _secured(self, plain: socket.socket, *, resume: bool) -> socket.socket:
        if self._context is None:
            return plain
        session = self._session if resume else None
        return self._context.wrap_socket(plain, server_hostname=self._where[0], session=session)

    def _note_session(self, connection: socket.socket) -> bool:
        """Keep the session for the next handshake; tells whether this one was resumed."""
        if not isinstance(connection, ssl.SSLSocket):
            return False
        self._session = connection.session
        return bool(connection.session_reused)


async def _learned(work: Work) -> list[Agent]:
    lines = await lines_to(work)
    agents = await learned(lines, work)
    for line in lines:
        line.close()
    return agents


def main(work: Work) -> None:
    clients = Clients(work, uvloop.run(_learned(work)))
    print("ready", flush=True)
    for order in sys.stdin:
        how, seconds = order.split()
        told = clients.run(float(seconds), resume=how == "resumed")
        print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Work))
