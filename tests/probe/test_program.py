"""The probe as the process that it is: real time, real signals, its own memory."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from flows.log_lines import Log
from flows.outcomes import Outcome
from probe.program import machine_name, main
from probe.spool_file import NAME
from probe.wire.journal import Kind, read_records
from tests.fakes.collector import FakeCollector, a_check, an_assignment, serving

ROOT = Path(__file__).parent.parent.parent
PROGRAM = """\
import json, sys
from pathlib import Path
from gatewatch.logs import start_log
from probe.program import main
code = main(Path(sys.argv[1]), start_log)
status = Path("/proc/self/status").read_text() if Path("/proc").exists() else "VmHWM: 0 kB"
memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps({"modules": sorted(sys.modules), "most_kib": int(memory)}))
sys.exit(code)
"""
NOT_IN_A_PROBE = (
    "aiohttp.web",
    "alembic",
    "cryptography",
    "jinja2",
    "prometheus_client",
    "rich",
    "scapy",
    "sqlalchemy",
    "uvloop",
)


class Account(msgspec.Struct):
    """What a probe tells of itself at its end."""

    modules: list[str]
    most_kib: int


class Target:
    """A TCP service that counts who comes."""

    def __init__(self) -> None:
        self.port = 0
        self.visits = 0
        self._came = asyncio.Event()

    async def visited(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        self._came.set()
        writer.close()

    async def until_visits(self, count: int) -> None:
        while self.visits < count:
            self._came.clear()
            await self._came.wait()


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    async with serving() as running:
        yield running


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    listening = Target()
    server = await asyncio.start_server(listening.visited, "127.0.0.1", 0)
    async with server:
        listening.port = server.sockets[0].getsockname()[1]
        yield listening


@asynccontextmanager
async def process(
    collector: FakeCollector, target: Target, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a probe that may dial the target, every second."""
    collector.assignment = an_assignment(a_check(1, port=target.port, interval=1.0))
    config = folder / "probe.yaml"
    config.write_text(
        f"host: con-01\ncollector: ['{collector.url}']\ndata: {folder}/data\n"
        f"allow: {{networks: [127.0.0.0/8], ports: [{target.port}]}}\n",
        encoding="utf-8",
    )
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(config),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_sigterm_hands_over_what_was_measured_and_ends_with_0_within_2_seconds(
    collector: FakeCollector, target: Target, tmp_path: Path
) -> None:
    async with process(collector, target, tmp_path) as probe:
        await collector.until(lambda: len(collector.results) == 1)
        await target.until_visits(3)
        before = len(collector.results)
        probe.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            _, errors = await probe.communicate()

    assert probe.returncode == 0, errors.decode()
    assert before == 1
    assert len(collector.results) >= 2
    assert {result.outcome for result in collector.results} == {Outcome.OPEN}
    assert "Probe of con-01 ends; 0 results were not sent." in errors.decode()


async def until_kept(file: Path, number: int) -> None:
    """Wait until so many results are on the disk."""
    while await asyncio.to_thread(kept_in, file) < number:
        pass


def kept_in(file: Path) -> int:
    content = file.read_bytes() if file.exists() else b""
    return sum(one.kind is Kind.KEPT for one in read_records(content).records)


async def test_what_was_measured_outlives_a_kill_and_a_collector_that_is_away(
    collector: FakeCollector, target: Target, tmp_path: Path
) -> None:
    collector.holds_reports = True
    async with process(collector, target, tmp_path) as probe:
        await collector.until(lambda: len(collector.reports) == 1)
        await until_kept(tmp_path / "data" / NAME, 3)
        probe.kill()
        await probe.wait()
    sent = collector.reports[0]
    collector.holds_reports = False

    async with process(collector, target, tmp_path):
        await collector.until(lambda: len(collector.results) >= 4)

    again = collector.reports[1]
    assert (again.stream, again.seq, again.results) == (sent.stream, sent.seq, sent.results)
    times = [result.at for result in collector.results]
    assert times == sorted(set(times))
    assert (times[2] - times[0]).total_seconds() == pytest.approx(2.0, abs=0.5)


async def test_a_running_probe_carries_no_server_and_no_scapy(
    collector: FakeCollector, target: Target, tmp_path: Path
) -> None:
    async with process(collector, target, tmp_path) as probe:
        await collector.until(lambda: len(collector.results) == 1)
        probe.send_signal(signal.SIGINT)
        output, errors = await probe.communicate()

    assert probe.returncode == 0, errors.decode()
    account = msgspec.json.decode(output, type=Account)
    print(f"most resident: {account.most_kib / 1024:.1f} MiB")
    heavy = [
        module
        for module in account.modules
        if any(module == name or module.startswith(f"{name}.") for name in NOT_IN_A_PROBE)
    ]
    assert heavy == []


async def test_a_collector_that_never_answers_does_not_hold_up_the_end(
    collector: FakeCollector, target: Target, tmp_path: Path
) -> None:
    async with process(collector, target, tmp_path) as probe:
        await collector.until(lambda: len(collector.results) == 1)
        await collector.down()
        probe.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            await probe.communicate()

    assert probe.returncode == 0


def say_nothing(_log: Log) -> None:
    """Leave the log of this process as it is."""


def test_refused_settings_are_named_and_end_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "probe.yaml"
    config.write_text("host: con-01\ncolector: [x]\n", encoding="utf-8")

    code = main(config, say_nothing)

    assert code == 3
    assert capsys.readouterr().err.splitlines() == [
        f"{config}:1: collector: is required",
        f"{config}:2: colector: unknown key (did you mean 'collector'?)",
    ]


def test_settings_that_are_not_there_are_named_and_end_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(tmp_path / "probe.yaml", say_nothing)

    assert code == 3
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_credentials_that_cannot_be_read_end_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "probe.yaml"
    config.write_text("host: a\ncollector: [https://127.0.0.1]\nca: ca.pem\n", encoding="utf-8")

    code = main(config, say_nothing)

    assert code == 3
    assert "ca.pem does not hold the certificates of a CA in PEM" in capsys.readouterr().err


def test_the_machine_is_named_without_its_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "con-01.acme.example")

    assert machine_name() == "con-01"
