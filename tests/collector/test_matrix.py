from collector.matrix import matrix_rows
from collector.wanted import ALL, Wanted
from flows.phases import PHASES, Phase
from tests.collector.samples import CONSOLE, HTTPS, REFUSED, at, rolled_up, started, turn

OTHER = "console-backend:con-02>be-02:tcp/443"


def test_the_worst_come_first_and_no_more_than_are_asked_for() -> None:
    estate = started()
    turn(estate, {CONSOLE: HTTPS, OTHER: REFUSED})
    verdicts = estate.verdicts(Phase.BASELINE, at(6))

    rows = list(matrix_rows(estate.state, verdicts, Phase.BASELINE, at(6), ALL, worst=2))

    assert next(row.path for row in rows) == OTHER
    assert len(rows) == 2
    assert CONSOLE not in {row.path for row in rows}


def test_rolled_up_every_path_is_a_row_or_counted() -> None:
    estate = started()
    turn(estate, {CONSOLE: HTTPS})
    for phase in PHASES:
        asked = list(estate.plan.of(phase))

        rows, cells = rolled_up(estate, phase, 6)

        assert {row.path for row in rows} == {path.id for path in asked if not path.groups}
        counted = sum(sum(cell.counts.values()) for cell in cells)
        assert counted == sum(len(path.groups) for path in asked)


def test_only_what_is_wanted_is_listed() -> None:
    estate = started()
    verdicts = estate.verdicts(Phase.BASELINE, at(0))
    wanted = Wanted(src="con-01")

    rows = list(matrix_rows(estate.state, verdicts, Phase.BASELINE, at(0), wanted))

    assert {row.src for row in rows} == {"con-01"}
