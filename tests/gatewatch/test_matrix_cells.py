import pytest

from gatewatch.answers import Cell
from gatewatch.matrix_cells import (
    AGENTS,
    Column,
    Line,
    arranged,
    columns_of,
    findings,
    speaker,
    state_of,
)


def cell(path: str, verdict: str = "ok", expect: str = "serve", **more: object) -> Cell:
    """Make a row of the matrix from the id of its path."""
    flow, _, ends = path.partition(":")
    source, _, rest = ends.partition(">")
    destination, _, port = rest.partition(":")
    proto, _, number = port.partition("/")
    known = {"pending": False, "suspect": False, "scope": "network", "reason": "because"} | more
    return Cell(
        path=path,
        flow=flow,
        src=source,
        dst=destination,
        proto=proto,
        port=int(number),
        expect=expect,
        verdict=verdict,
        reason=str(known["reason"]),
        pending=bool(known["pending"]),
        suspect=bool(known["suspect"]),
        scope=str(known["scope"]),
    )


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (cell("a:b>c:tcp/1", "broken"), "broken"),
        (cell("a:b>c:tcp/1", "waived"), "waived"),
        (cell("a:b>c:tcp/1", "broken", "advised"), "advised"),
        (cell("a:b>c:tcp/1", "ok", "retired"), "advised"),
        (cell("a:b>c:tcp/1", "broken", "permit", pending=True), "pending"),
        (cell("a:b>c:tcp/1", "broken", "permit", scope="local"), "advised"),
        (cell("a:b>c:tcp/1", "broken", "serve", scope="local"), "broken"),
    ],
)
def test_what_does_not_bind_is_only_shown(row: Cell, state: str) -> None:
    assert state_of(row) == state


def test_the_worst_path_speaks_for_a_cell() -> None:
    rows = [cell(f"f-{word}:b>c:tcp/1", word) for word in ("ok", "unproven", "broken", "waived")]

    assert speaker(rows).verdict == "broken"


def test_a_verdict_of_a_later_release_is_worse_than_any() -> None:
    assert speaker([cell("a:b>c:tcp/1", "broken"), cell("b:b>c:tcp/1", "haunted")]).flow == "b"


def test_lines_stand_by_what_they_are_and_agents_are_rolled_up() -> None:
    rows = [
        cell("agent:pc-001>ah-01:tcp/443"),
        cell("agent:pc-002>ah-01:tcp/443"),
        cell("own:x>y:tcp/1"),
        cell("sql:be-01>sql-01:tcp/1433"),
        cell("console-backend:con-01>be-01:tcp/443"),
    ]
    groups = {rows[0].path: ["hq", "west"], rows[1].path: ["hq"]}

    cells = arranged(rows, groups)

    assert [(line.section, line.source) for line in cells] == [
        ("consoles", "con-01"),
        ("backends", "be-01"),
        (AGENTS, "hq"),
        (AGENTS, "west"),
        ("own flows", "x"),
    ]
    column = Column("ah-01", "tcp", 443)
    assert [row.src for row in cells[Line(AGENTS, "hq")][column]] == ["pc-001", "pc-002"]


def test_columns_are_a_destinations_ports_side_by_side() -> None:
    rows = [cell("a:b>z:tcp/443"), cell("a:b>c:tcp/8443"), cell("a:b>z:tcp/80")]

    columns = columns_of(arranged(rows, {}))

    assert [(column.dst, column.port) for column in columns] == [("c", 8443), ("z", 80), ("z", 443)]


def test_findings_are_what_is_not_ok_the_worst_first() -> None:
    rows = [
        cell("ok:b>c:tcp/1"),
        cell("waived:b>c:tcp/2", "waived"),
        cell("later:b>c:tcp/3", "broken", pending=True),
        cell("unsure:b>c:tcp/4", "unproven"),
        cell("bad:b>c:tcp/5", "broken"),
    ]

    found = findings(arranged(rows, {}))

    assert [(one.state, one.row.flow) for one in found] == [
        ("broken", "bad"),
        ("unproven", "unsure"),
        ("pending", "later"),
    ]


def test_agents_that_fail_alike_are_one_finding() -> None:
    rows = [cell(f"agent:pc-{n}>ah-01:tcp/443", "broken") for n in range(3)]
    rows += [cell("agent:pc-9>ah-01:tcp/443"), cell("agent:pc-8>ah-01:tcp/443", "unproven")]
    groups = {row.path: ["hq"] for row in rows}

    found = findings(arranged(rows, groups))

    assert [one.name for one in found] == [
        "agent:hq (3 of 5 agents, as pc-0)>ah-01:tcp/443",
        "agent:pc-8>ah-01:tcp/443",
    ]
