import pytest

from gatewatch.answers import AgentCell, Cell, Matrix
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


def of(*rows: Cell, agents: tuple[AgentCell, ...] = ()) -> Matrix:
    """Make a matrix."""
    return Matrix(phase="agents", rows=rows, agents=agents)


def agents(counts: dict[str, int], site: str = "paris", path: str = "", **more: str) -> AgentCell:
    """Make what is counted of a group's agents."""
    return AgentCell(
        group=more.get("group", "hq"),
        site=site,
        flow="agent",
        dst="ah-01",
        proto="tcp",
        port=443,
        expect="serve",
        counts=counts,
        path=path or f"agent:pc-{site}>ah-01:tcp/443",
        reason=f"because of {site}",
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

    [columns] = arranged(of(*rows)).values()

    assert speaker(columns[Column("c", "tcp", 1)]).flow == "f-broken"


def test_a_verdict_of_a_later_release_is_worse_than_any() -> None:
    [columns] = arranged(of(cell("a:b>c:tcp/1", "broken"), cell("b:b>c:tcp/1", "haunted"))).values()

    assert speaker(columns[Column("c", "tcp", 1)]).flow == "b"


def test_lines_stand_by_what_they_are_and_agents_are_rolled_up() -> None:
    cells = arranged(
        of(
            cell("agent:pc-001>ah-01:tcp/443"),
            cell("own:x>y:tcp/1"),
            cell("sql:be-01>sql-01:tcp/1433"),
            cell("console-backend:con-01>be-01:tcp/443"),
            agents=(agents({"ok": 2}), agents({"ok": 1}, group="west")),
        )
    )

    assert [(line.section, line.source) for line in cells] == [
        ("consoles", "con-01"),
        ("backends", "be-01"),
        ("agents", "pc-001"),
        (AGENTS, "hq"),
        (AGENTS, "west"),
        ("own flows", "x"),
    ]


def test_what_is_counted_by_site_is_one_cell() -> None:
    cells = arranged(
        of(agents=(agents({"broken": 1, "ok": 2}, "paris"), agents({"broken": 3}, "lille")))
    )

    parts = cells[Line(AGENTS, "hq")][Column("ah-01", "tcp", 443)]
    assert {part.state: (part.count, part.agents) for part in parts} == {
        "broken": (4, 6),
        "ok": (2, 6),
    }
    assert speaker(parts).reason == "because of paris"


def test_columns_are_a_destinations_ports_side_by_side() -> None:
    rows = [cell("a:b>z:tcp/443"), cell("a:b>c:tcp/8443"), cell("a:b>z:tcp/80")]

    columns = columns_of(arranged(of(*rows)))

    assert [(column.dst, column.port) for column in columns] == [("c", 8443), ("z", 80), ("z", 443)]


def test_findings_are_what_is_not_ok_the_worst_first() -> None:
    rows = [
        cell("ok:b>c:tcp/1"),
        cell("waived:b>c:tcp/2", "waived"),
        cell("later:b>c:tcp/3", "broken", pending=True),
        cell("unsure:b>c:tcp/4", "unproven"),
        cell("bad:b>c:tcp/5", "broken"),
    ]

    found = findings(arranged(of(*rows)))

    assert [(one.part.state, one.part.flow) for one in found] == [
        ("broken", "bad"),
        ("unproven", "unsure"),
        ("pending", "later"),
    ]


def test_agents_that_fail_alike_are_one_finding() -> None:
    alike = agents({"broken": 3, "unproven": 1, "ok": 1}, path="agent:pc-0>ah-01:tcp/443")
    alone = agents({"broken": 1}, path="agent:pc-7>ah-01:tcp/443", group="west")

    found = findings(arranged(of(agents=(alike, alone))))

    assert [one.name for one in found] == [
        "agent:hq (3 of 5 agents, as pc-0)>ah-01:tcp/443",
        "agent:pc-7>ah-01:tcp/443",
        "agent:hq (1 of 5 agents)>ah-01:tcp/443",
    ]
