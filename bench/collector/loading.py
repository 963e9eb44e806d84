"""The processes that load a collector, from the benchmark's side."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from bench.collector.orders import Order, Told, Work
from bench.collector.process import LOADING, Collector, total_cpu
from bench.contenders import ROOT, pinned

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(slots=True)
class Loader:
    """A process that carries out orders."""

    process: "subprocess.Popen[str]"

    def ask(self, order: str, answer: type[T]) -> T:
        """Give an order, and wait for what came of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the load ended before it carried out its order")
        return msgspec.json.decode(line, type=answer)

    def send(self, order: Order) -> Told:
        """Have agents report; all of it has to be taken."""
        told = self.ask(msgspec.json.encode(order).decode(), Told)
        if told.failures:
            raise RuntimeError(f"reports were not taken; answers by status: {told.statuses}")
        return told


@contextmanager
def loader(module: str, work: Work) -> Iterator[Loader]:
    """Run a process of the load until it is ready, and for as long as the block lasts."""
    arguments = msgspec.json.encode(work).decode()
    command = pinned(LOADING, sys.executable, "-m", f"bench.collector.{module}", arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the load could not begin")
            yield Loader(process)
        finally:
            process.kill()


@contextmanager
def loading(collectors: Sequence[Collector], agents: int) -> Iterator[Loader]:
    """Be the agents of an estate, over connections that are kept."""
    ca = collectors[0].ca
    urls = tuple(one.url for one in collectors)
    work = Work(urls=urls, agents=agents, ca=str(ca) if ca else None)
    with loader("load", work) as load:
        yield load


@dataclass(frozen=True, slots=True)
class Cost:
    """What came of an order, and what it took of the collectors."""

    told: Told
    cpu_seconds: float

    @property
    def microseconds(self) -> float:
        """CPU time of one report."""
        return self.cpu_seconds / self.told.reports * 1e6

    @property
    def rate(self) -> float:
        """Reports a second."""
        return self.told.reports / self.told.seconds


def cost(collectors: Sequence[Collector], load: Loader, order: Order) -> Cost:
    """Have agents report, and see what that takes."""
    before = total_cpu(collectors)
    told = load.send(order)
    return Cost(told, total_cpu(collectors) - before)


@contextmanager
def scraping(collector: Collector, every: float) -> Iterator[list[float]]:
    """Scrape as Prometheus does, compressed, while the block runs; gives how long each took.

    `every` is in seconds from one scrape's begin to the next; 0 is without a pause.
    """
    over = threading.Event()
    took: list[float] = []

    def scrape() -> None:
        while not over.is_set():
            begun = time.monotonic()
            took.append(collector.get("/metrics/estate", **{"Accept-Encoding": "gzip"}).seconds)
            over.wait(max(0.0, begun + every - time.monotonic()))

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()
