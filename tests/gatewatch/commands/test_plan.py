import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.phases import PHASES, Phase
from flows.plan import Path as PlanPath
from gatewatch.cli import main
from tests.flows.plan_tables import DATA, by_hand
from tests.gatewatch.running import DESIGN, ROOT

HEADING = (
    "source,source_address,destination,destination_address,protocol,port,flow,purpose,guide,"
    "baseline,prepare,backoffice,agents,complete"
)
BY_HAND = by_hand(DATA / "design-plan.txt")
"""The plan of design.yaml as somebody derived it on paper."""
NETWORK = {path for path, cells in BY_HAND.items() if cells[1] == "network"}
MOST_MEMORY_KIB = 400 * 1024


def output(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run `gatewatch plan` on the design's estate; it must succeed."""
    assert main(["plan", "-i", str(DESIGN), *words]) == 0
    return capsys.readouterr().out


def path_of(row: dict[str, str]) -> str:
    """Name the path of a row of CSV."""
    where = f"{row['source']}>{row['destination']}:{row['protocol']}/{row['port']}"
    return f"{row['flow']}:{where}"


def test_json_is_a_list_of_the_paths_as_they_were_derived_by_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = json.loads(output(capsys, "--format", "json"))

    assert {path["path"] for path in listed} == set(BY_HAND)
    for path in listed:
        service, scope, groups, *_, guide = BY_HAND[path["path"]]
        assert (path["service"], path["scope"], path["guide"]) == (service, scope, guide)
        assert path["groups"] == groups.split()


def test_json_has_the_expectation_of_every_phase_that_has_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = json.loads(output(capsys, "--format", "json"))

    for path in listed:
        asked = dict(zip(map(str, PHASES), BY_HAND[path["path"]][3:8], strict=True))
        assert path["expect"] == {phase: word for phase, word in asked.items() if word != "-"}


def test_json_has_the_keys_of_the_contract_and_reads_back_as_the_plan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = output(capsys, "--format", "json")

    plan = expand(read_inventory(DESIGN.read_text(encoding="utf-8"), "design.yaml"))
    assert msgspec.json.decode(listed, type=list[PlanPath]) == list(plan)
    assert list(json.loads(listed)[0]) == [
        *("path", "flow", "src", "dst", "dst_address", "proto", "port", "service", "scope"),
        *("groups", "guide", "purpose", "expect"),
    ]


@pytest.mark.parametrize("phase", PHASES)
def test_json_of_a_phase_keeps_its_paths_with_that_key_only(
    phase: Phase, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = json.loads(output(capsys, "--format", "json", "--phase", phase))

    column = 3 + PHASES.index(phase)
    asked = {
        path: {phase: cells[column]} for path, cells in BY_HAND.items() if cells[column] != "-"
    }
    assert {path["path"]: path["expect"] for path in listed} == asked


def test_csv_has_the_heading_and_the_cells_of_the_contract(
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = output(capsys, "--format", "csv")

    assert written.splitlines()[:2] == [
        HEADING,
        "con-01,10.2.0.5,be-02,be-02.acme.example,tcp,443,console-backend,"
        'Communication of administration consoles with backends,"3.2, Administration console",'
        "serve,serve,serve,serve,serve",
    ]
    rows = {path_of(row): row for row in csv.DictReader(io.StringIO(written))}
    assert set(rows) == NETWORK
    for path, row in rows.items():
        asked = [row[phase] or "-" for phase in PHASES]
        assert (*asked, row["guide"]) == BY_HAND[path][3:9]


def test_csv_of_a_phase_keeps_its_rows_and_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    written = output(capsys, "--format", "csv", "--phase", "baseline")

    rows = list(csv.DictReader(io.StringIO(written)))
    assert written.splitlines()[0] == HEADING
    assert {path_of(row) for row in rows} == {p for p in NETWORK if BY_HAND[p][3] != "-"}
    assert {row["complete"] for row in rows} == {"serve", "retired", "closed", "advised"}


@pytest.mark.parametrize("wanted", ["csv", "markdown"])
def test_local_paths_are_in_a_firewall_request_only_when_asked_for(
    wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    without = output(capsys, "--format", wanted)
    with_local = output(capsys, "--format", wanted, "--local")

    assert len(with_local.splitlines()) - len(without.splitlines()) == len(BY_HAND) - len(NETWORK)


def test_markdown_has_the_columns_and_cells_of_csv(capsys: pytest.CaptureFixture[str]) -> None:
    heading, rule, *lines = output(capsys, "--format", "markdown").splitlines()

    table = list(csv.reader(io.StringIO(output(capsys, "--format", "csv"))))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (heading, *lines)]
    assert cells == table
    assert set(rule) == set("| -")


def test_globs_keep_what_matches_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--flow", "syslog-*", "--flow", "sql", "--src", "be-01", "--dst", "log-*")

    listed = json.loads(output(capsys, "--format", "json", *words))

    assert [path["path"] for path in listed] == [
        "syslog-tcp:be-01>log-01:tcp/1468",
        "syslog-udp:be-01>log-01:udp/514",
        "syslog-tls:be-01>log-01:tcp/6514",
    ]


def test_what_matches_nothing_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(output(capsys, "--format", "json", "--flow", "SQL")) == []


def test_the_table_marks_local_paths_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output(capsys, "--phase", "prepare")

    assert "ses (local)" in shown
    assert (
        shown.splitlines()[-1] == f"{len(BY_HAND)} paths in prepare: 38 serve, 7 permit, 4 advised"
    )


def test_warnings_go_to_stderr_and_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["plan", "-i", str(DESIGN), "--phase", "complete", "--format", "json"])

    said = capsys.readouterr()
    assert code == 0
    assert said.err.startswith("warning: handler group hq: legacy_protocol is true")
    json.loads(said.out)


def test_json_needs_neither_tables_nor_sockets() -> None:
    program = (
        "import sys; from gatewatch.cli import main;"
        f" code = main(['plan', '-i', {str(DESIGN)!r}, '--format', 'json']);"
        " sys.exit(code or len({'rich', 'aiohttp', 'asyncio', 'ssl'} & set(sys.modules)))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


def test_a_plan_of_20_000_hosts_streams_in_little_memory(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text(large_estate(), encoding="utf-8")
    program = (
        "import re, sys; from pathlib import Path; from gatewatch.cli import main;"
        " code = main(['plan', '-i', 'large.yaml', '--format', 'json']);"
        # Not ru_maxrss: a child begins with that of the process that started it.
        " used = re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1];"
        " print(used, file=sys.stderr); sys.exit(code)"
    )

    with (tmp_path / "plan.json").open("wb") as out:
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.PIPE,
            check=True,
        )

    ids = msgspec.json.decode((tmp_path / "plan.json").read_bytes(), type=list[Named])
    assert len({one.path for one in ids}) == len(ids) > 19_000 * 4 * 2
    assert int(ran.stderr.split()[-1]) < MOST_MEMORY_KIB


class Named(msgspec.Struct):
    path: str


def large_estate() -> str:
    """Write an inventory of 20,000 hosts: 19,000 agents with four handlers each."""
    handlers = [f"ah-{number:03}" for number in range(20)]
    agents = [f"pc-{number:05}" for number in range(19_000)]
    others = [f"srv-{number:03}" for number in range(20_000 - len(handlers) - len(agents) - 2)]
    lines = ['migration: {name: large, from: "2.6", to: "2.7.1"}', "hosts:"]
    lines += ["  be-01: {address: 10.0.0.1, roles: [backend]}"]
    lines += ["  sql-01: {address: 10.0.0.2, roles: [sql-server]}"]
    lines += [f"  {name}: {{address: {name}.example, roles: [agent-handler]}}" for name in handlers]
    lines += [f"  {name}: {{address: {name}.example, roles: [agent]}}" for name in agents]
    lines += [f"  {name}: {{address: {name}.example, roles: []}}" for name in others]
    lines += ["handler_groups:"]
    for index in range(5):
        lines += [
            f"  group-{index}:",
            f"    handlers: [{', '.join(handlers[index * 4 : index * 4 + 4])}]",
            f"    agents: [{', '.join(agents[index * 3800 : (index + 1) * 3800])}]",
        ]
    return "\n".join(lines) + "\n"
