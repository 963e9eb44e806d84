import io

from gatewatch.answers import AgentCell, Cell
from gatewatch.matrix_cells import arranged
from gatewatch.matrix_table import show_findings, show_matrix
from gatewatch.terminal import console
from tests.gatewatch.test_matrix_cells import agents, cell, of


class Narrow(io.StringIO):
    """A terminal of forty columns."""

    def isatty(self) -> bool:
        return True


def matrix(rows: list[Cell], *agents: AgentCell) -> list[str]:
    stream = io.StringIO()
    show_matrix(arranged(of(*rows, agents=agents)), console(stream))
    return [" ".join(line.split()) for line in stream.getvalue().splitlines() if line.strip()]


def test_sources_stand_against_destinations_and_ports() -> None:
    lines = matrix(
        [
            cell("console-backend:con-01>be-01:tcp/443"),
            cell("console-backend:con-01>be-01:tcp/8443", "broken"),
            cell("sql:be-01>sql-01:tcp/1433", "unproven"),
        ]
    )

    assert lines[0] == "be-01 be-01 sql-01"
    assert lines[1] == "tcp/443 tcp/8443 tcp/1433"
    assert lines[3:7] == ["consoles", "con-01 ✓ ✗", "backends", "be-01 ?"]


def test_the_legend_names_every_symbol() -> None:
    legend = matrix([cell("a:b>c:tcp/1")])[-1]

    assert legend == (
        "✓ ok ✗ broken ? unproven … goal, not reached yet w waived a attested · shown only"
    )


def test_what_is_suspect_is_marked_and_explained() -> None:
    lines = matrix([cell("a:b>c:tcp/1", suspect=True)])

    assert "b ✓*" in lines
    assert "* something else was seen once, and is not confirmed yet" in lines


def test_a_cell_of_agents_counts_those_that_are_in_its_state() -> None:
    assert "hq: 3 agents ✗2" in matrix([], agents({"broken": 2, "ok": 1}))


def test_columns_that_do_not_fit_come_below() -> None:
    rows = [cell(f"a:source>destination-{n}:tcp/443") for n in range(6)]
    stream = Narrow()

    show_matrix(arranged(of(*rows)), printer := console(stream))

    printer.width = 40
    stream.truncate(0)
    show_matrix(arranged(of(*rows)), printer)
    lines = stream.getvalue().splitlines()
    assert sum("destination-" in line for line in lines) == 3
    assert sum("source" in line for line in lines) == 3


def test_findings_follow_with_their_reasons() -> None:
    stream = io.StringIO()
    cells = arranged(of(cell("a:b>c:tcp/1", "broken", reason="10.0.0.1 refused")))

    show_findings(cells, console(stream))

    assert "✗  a:b>c:tcp/1  serve     -      10.0.0.1 refused" in stream.getvalue()


def test_where_all_is_well_nothing_follows() -> None:
    stream = io.StringIO()

    show_findings(arranged(of(cell("a:b>c:tcp/1"))), console(stream))

    assert stream.getvalue() == ""
