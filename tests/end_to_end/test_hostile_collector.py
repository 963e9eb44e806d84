"""A stolen collector asks a real probe for what it may not dial, and for far too much of all else.

Only addresses of this machine are asked for, in case that it fails; `test_allow` has the others.
"""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flows.messages import Assignment, Check
from flows.outcomes import Outcome
from probe.bounds import MOST_TOLD
from probe.limits import Limits
from tests.fakes.collector import FakeCollector, a_check, an_assignment, serving
from tests.gatewatch.running import ROOT

PROGRAM = """\
import sys
from pathlib import Path
from gatewatch.logs import start_log
from probe.program import main
main(Path(sys.argv[1]), start_log)
"""
ALLOWED_PORT = 8443


class Bystander:
    """Notes when somebody comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    async def visited(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def bystander() -> AsyncIterator[Bystander]:
    standing = Bystander()
    async with await asyncio.start_server(standing.visited, "127.0.0.1", 0) as server:
        standing.port = server.sockets[0].getsockname()[1]
        yield standing


@asynccontextmanager
async def probe(
    collector: FakeCollector, folder: Path, ports: str, network: str = "10.0.0.0/8"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a probe that may dial one network, and these ports."""
    config = folder / "probe.yaml"
    config.write_text(
        f"host: con-01\ncollector: ['{collector.url}']\ndata: {folder}/data\n"
        f"allow: {{networks: [{network}], ports: [{ports}]}}\n",
        encoding="utf-8",
    )
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(config)), cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.kill()
        await running.wait()


def asked_for(port: int) -> tuple[Check, ...]:
    """Ask for everything that a thief would like to have dialled."""
    wanted = [
        ("127.0.0.1", port, None),
        ("localhost", port, "localhost"),
        ("::ffff:127.0.0.1", port, None),
        ("::1", port, None),
        ("0.0.0.0", port, None),
        ("127.0.0.1", 22, None),
    ]
    return tuple(
        a_check(number, address=address, port=port, name=name, interval=1.0)
        for number, (address, port, name) in enumerate(wanted, 1)
    )


async def test_nothing_is_dialled_that_the_probe_itself_does_not_allow(
    bystander: Bystander, tmp_path: Path
) -> None:
    checks = asked_for(bystander.port)
    async with serving() as collector:
        collector.assignment = an_assignment(*checks)
        async with probe(collector, tmp_path, f"{ALLOWED_PORT}, {bystander.port}"):
            await collector.until(
                lambda: len({one.check for one in collector.results}) == len(checks)
            )

    assert {one.outcome for one in collector.results} == {Outcome.FAULT}
    said = {one.check: one.detail for one in collector.results}
    assert [number for number, text in sorted(said.items()) if "was not dialled" not in text] == []
    assert bystander.visits == 0


def flood(count: int, port: int, revision: str) -> Assignment:
    """Ask for one thing in thousands of checks, each every millisecond and for an hour."""
    mad: dict[str, object] = {"port": port, "interval": 0.001, "deadline": 3600.0}
    checks = (a_check(number, offset=number / count, **mad) for number in range(count))
    return an_assignment(*checks, revision=revision)


class Resident:
    """The most memory that a process has held at a time since this was made, in MiB."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._folder = Path(f"/proc/{process.pid}")
        # What the start took is let go of, and not counted (proc(5), clear_refs).
        (self._folder / "clear_refs").write_text("5", encoding="ascii")
        self.at_first = self.most()

    def most(self) -> float:
        status = (self._folder / "status").read_text(encoding="ascii")
        (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(peak) / 1024


async def test_a_flood_of_checks_moves_the_probe_no_more_than_its_limits_say(
    bystander: Bystander, tmp_path: Path
) -> None:
    limits, port = Limits(), bystander.port
    async with (
        serving() as collector,
        probe(collector, tmp_path, str(port), "127.0.0.0/8") as running,
    ):
        await collector.until_polls(2)
        memory = Resident(running)
        collector.assign(flood(100_000, port, "too-long"))
        await collector.until_polls(3)
        untouched = bystander.visits
        began = time.monotonic()
        collector.assign(flood(4_000, port, "too-many"))
        enough = MOST_TOLD + 2 * limits.per_second
        await collector.until(lambda: len(collector.results) >= enough)
        refused = {one.check for one in collector.results if one.outcome is Outcome.FAULT}
        sane = a_check(5_000, port=port, interval=1.0)
        collector.assign(an_assignment(sane, revision="sane"))
        await collector.until(lambda: any(one.check == sane.id for one in collector.results))
        seconds = time.monotonic() - began
        grown = memory.most() - memory.at_first

    assert untouched == 0
    assert refused == set(range(limits.checks, limits.checks + MOST_TOLD))
    assert 2 * limits.per_second <= bystander.visits <= limits.per_second * (seconds + 2)
    assert grown < 12
