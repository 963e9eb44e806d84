import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatewatch.cli import main
from gatewatch.exit_codes import ExitCode
from probe.platforms import THIS_PLATFORM
from tests.fakes.https import HttpsServer
from tests.fakes.ssrp import SsrpServer
from tests.fakes.streams import Address
from tests.fakes.tcp import ClosedPort, FullBacklog, TcpServer
from tests.fakes.udp import UdpServer

HERE = Address("127.0.8.20", 0)
ELSEWHERE = Address("127.0.8.30", 0)
KEYS = [
    *("path", "flow", "src", "dst", "proto", "port", "outcome", "identity", "answered_by", "stage"),
    *("detail", "from", "icmp", "address", "addresses", "seconds", "stages", "rtt_seconds"),
    *("syn_retransmits", "certificate"),
]
JUDGED_KEYS = [*KEYS, "verdict", "reason", "advice"]


@dataclass
class Flow:
    name: str
    to: str
    port: int
    expect: str = "serve"
    proto: str = "tcp"
    source: str = "pc-001"

    @property
    def line(self) -> str:
        service = "tcp" if self.proto == "tcp" else "syslog"
        return (
            f"  - {{flow: {self.name}, from: {self.source}, to: {self.to}, proto: {self.proto},"
            f" port: {self.port}, service: {service}, expect: {self.expect}, why: test}}"
        )


@dataclass
class Ports:
    """An estate of one destination, with a port of each kind."""

    open: int
    closed: int
    full: int


@pytest.fixture
async def ports() -> AsyncIterator[Ports]:
    async with (
        TcpServer.accepting(bind=HERE) as open_,
        ClosedPort.tcp(bind=HERE) as closed,
        FullBacklog(bind=HERE) as full,
    ):
        yield Ports(open_.port, closed.port, full.port)


@pytest.fixture
def _an_impatient_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(THIS_PLATFORM, "DEADLINE_SECONDS", 0.5)


def write_estate(folder: Path, *flows: Flow, more: str = "") -> str:
    file = folder / "estate.yaml"
    file.write_text(
        'migration: {name: t, from: "2.6", to: "2.7.1"}\n'
        "hosts:\n"
        "  pc-001: {address: 127.0.8.1, roles: [agent]}\n"
        "  con-01: {address: 127.0.8.2, roles: [console]}\n"
        f"  dst: {{address: {HERE.host}, roles: []}}\n"
        f"  log: {{address: {ELSEWHERE.host}, roles: []}}\n"
        "extra_flows:\n" + "\n".join(flow.line for flow in flows) + f"\n{more}"
    )
    return str(file)


async def check(estate: str, *words: str, host: str = "pc-001") -> int:
    """Run `gatewatch check` beside the servers of this test."""
    return await asyncio.to_thread(main, ["check", "-i", estate, "--host", host, *words])


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return listed


async def test_without_a_phase_it_says_what_the_network_did(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(
        tmp_path, Flow("a", "dst", ports.open), Flow("b", "dst", ports.closed, "permit")
    )

    code = await check(estate, "--format", "json")

    first, second = rows(capsys)
    assert code == ExitCode.OK
    assert list(first) == list(second) == KEYS
    assert (first["outcome"], first["identity"], first["address"]) == (
        "open",
        "unverified",
        HERE.host,
    )
    assert second["outcome"] == "refused"


async def test_a_broken_binding_path_exits_1(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(tmp_path, Flow("a", "dst", ports.open), Flow("b", "dst", ports.closed))

    code = await check(estate, "--phase", "prepare", "--format", "json")

    found = rows(capsys)
    assert code == ExitCode.BROKEN
    assert all(list(row) == JUDGED_KEYS for row in found)
    assert [row["verdict"] for row in found] == ["ok", "broken"]


@pytest.mark.usefixtures("_an_impatient_probe")
async def test_an_added_control_proves_that_a_silent_port_is_closed_and_not_dead(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(
        tmp_path,
        Flow("old", "dst", ports.full, "closed"),
        Flow("theirs", "dst", ports.open, source="con-01"),
    )

    code = await check(estate, "--phase", "complete", "--format", "jsonl")

    old, control = map(json.loads, capsys.readouterr().out.splitlines())
    assert code == ExitCode.OK
    assert (old["outcome"], old["verdict"]) == ("filtered", "ok")
    assert control["path"] == f"control:pc-001>dst:tcp/{ports.open}"
    assert (control["control"], control["outcome"], control["verdict"]) == (True, "open", None)


@pytest.mark.usefixtures("_an_impatient_probe")
async def test_a_control_that_fails_counts_for_nothing_itself(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FullBacklog(bind=HERE) as other:
        estate = write_estate(
            tmp_path,
            Flow("old", "dst", ports.full, "closed"),
            Flow("theirs", "dst", other.port, source="con-01"),
        )

        code = await check(estate, "--phase", "complete", "--format", "json")

    assert code == ExitCode.UNPROVEN
    assert [row["verdict"] for row in rows(capsys)] == ["unproven", None]


@pytest.mark.usefixtures("_an_impatient_probe")
async def test_an_empty_syslog_datagram_stays_unverifiable_and_holds_nothing_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = UdpServer.silent(bind=ELSEWHERE)
    async with server as address:
        estate = write_estate(tmp_path, Flow("logs", "log", address.port, proto="udp"))

        code = await check(estate, "--phase", "prepare", "--format", "json")

        assert code == ExitCode.OK
        assert server.received.get_nowait() == b""
    (row,) = rows(capsys)
    assert (row["outcome"], row["verdict"]) == ("silent", "unproven")


async def test_sql_browser_is_asked_for_the_instance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with SsrpServer.knowing(bind=Address("127.0.8.40", 1434)):
        (tmp_path / "sql.yaml").write_text(
            'migration: {name: t, from: "2.6", to: "2.7.1"}\n'
            "hosts:\n"
            "  be-01: {address: 127.0.8.2, roles: [backend]}\n"
            "  sql-01: {address: 127.0.8.40, roles: [sql-server], sql: {instance: SES}}\n"
        )

        code = await check(
            str(tmp_path / "sql.yaml"), "--flow", "sql-browser", "--format", "json", host="be-01"
        )

    (row,) = rows(capsys)
    assert code == ExitCode.OK
    assert (row["outcome"], row["answered_by"]) == ("answered", "ssrp")


@pytest.mark.parametrize(
    ("issuer", "identity", "code"),
    [("*O=Gatewatch tests", "verified", ExitCode.OK), ("CN=Acme", "mismatch", ExitCode.BROKEN)],
)
async def test_who_issued_a_certificate_is_compared_with_the_inventory(
    issuer: str,
    identity: str,
    code: ExitCode,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with HttpsServer.answering(bind=HERE) as address:
        (tmp_path / "https.yaml").write_text(
            'migration: {name: t, from: "2.6", to: "2.7.1"}\n'
            "hosts:\n"
            "  con-01: {address: 127.0.8.2, roles: [console]}\n"
            f"  be-01: {{address: {HERE.host}, roles: [backend],"
            f' identity: {{https: {{issuer: "{issuer}"}}}}}}\n'
            f"ports: {{backend: {address.port}}}\n"
            "options: {separate_backend_8443: ignore}\n"
        )
        words = ("--phase", "baseline", "--format", "json")
        answered = await check(str(tmp_path / "https.yaml"), *words, host="con-01")

    (row,) = rows(capsys)
    assert (row["outcome"], row["identity"], answered) == ("open", identity, code)
    assert isinstance(row["certificate"], dict)
    assert "Gatewatch tests" in row["certificate"]["issuer"]


async def test_the_table_ends_with_the_counts(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(tmp_path, Flow("a", "dst", ports.open))

    await check(estate)
    seen = capsys.readouterr().out
    await check(estate, "--phase", "agents")

    assert seen.splitlines()[-1] == "1 open"
    assert capsys.readouterr().out.splitlines()[-1] == "agents: 1 ok"


async def test_flows_can_be_chosen(
    ports: Ports, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(
        tmp_path, Flow("a-1", "dst", ports.open), Flow("b-1", "dst", ports.closed)
    )

    code = await check(estate, "--flow", "a-*", "--format", "json", "--phase", "prepare")

    assert code == ExitCode.OK
    assert [row["flow"] for row in rows(capsys)] == ["a-1"]


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("pc-01", "the inventory has no host 'pc-01' (did you mean 'pc-001'?)"),
        ("dst", "host 'dst' is no source: it has no role; no path begins there"),
        ("con-01", "nothing to measure: the plan has no path of con-01"),
    ],
)
def test_a_host_that_cannot_measure_exits_3(
    host: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(tmp_path, Flow("a", "dst", 80))

    code = main(["check", "-i", estate, "--host", host])

    assert code == ExitCode.USAGE
    assert said in capsys.readouterr().err
