"""A stolen collector asks a real probe for what it may not dial: nothing is dialled.

Only addresses of this machine are asked for, in case that it fails; `test_allow` has the others.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flows.messages import Check
from flows.outcomes import Outcome
from tests.fakes.collector import FakeCollector, a_check, an_assignment, serving
from tests.gatewatch.running import ROOT

PROGRAM = """\
import sys
from pathlib import Path
from probe.program import main
main(Path(sys.argv[1]))
"""
ALLOWED_PORT = 8443


class Bystander:
    """Listens where no probe should come."""

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
async def probe(collector: FakeCollector, folder: Path, ports: str) -> AsyncIterator[None]:
    """Run a probe that may dial one private network, and these ports."""
    config = folder / "probe.yaml"
    config.write_text(
        f"host: con-01\ncollector: ['{collector.url}']\ndata: {folder}/data\n"
        f"allow: {{networks: [10.0.0.0/8], ports: [{ports}]}}\n",
        encoding="utf-8",
    )
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(config)), cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
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
