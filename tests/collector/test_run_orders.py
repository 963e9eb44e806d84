"""A run begins, is answered, and ends; what it says of its paths is what was seen last."""

import msgspec
import pytest

from collector.estate import Estate
from collector.memory import Changes
from collector.run_orders import NOT_ANSWERED
from collector.run_rows import lines_of
from collector.run_rows import rows_of as unpacked
from collector.runs import MOST_A_MINUTE, MOST_KEPT, OnDemand, RunRow, RunState, Target, TooManyRuns
from flows.errors import UsageError
from flows.gates import Count
from flows.messages import Report
from flows.outcomes import Observation
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_OLD,
    HTTPS,
    MSRPC,
    REFUSED,
    WATCHED,
    at,
    report_of,
    started,
    tell,
)

CONSOLES = Target(phase=Phase.BASELINE, flow=("console-backend",), src=("con-01",))


def begin(
    estate: Estate, target: Target = CONSOLES, name: str = "A", seconds: float = 0
) -> OnDemand:
    changes, run = estate.decide_run(name, target, at(seconds), "127.0.0.1")
    estate.apply(changes)
    return run


def answer(
    estate: Estate, run: str, seen: dict[str, Observation], seconds: float = 1, host: str = "con-01"
) -> Changes:
    report = tagged(report_of(estate, host, seen, at(seconds)), run)
    changes = estate.decide_report(report, at(seconds))
    estate.apply(changes)
    return changes


def tagged(report: Report, run: str) -> Report:
    results = tuple(msgspec.structs.replace(result, run=run) for result in report.results)
    return msgspec.structs.replace(report, results=results)


def end(estate: Estate, seconds: float) -> Changes:
    changes = estate.decide_run_end(at(seconds))
    estate.apply(changes)
    return changes


def rows_of(changes: Changes, run: str = "A") -> dict[str, RunRow]:
    return {row.path: row for row in unpacked(lines_of(changes.run_rows[run]))}


def test_a_run_asks_for_each_check_of_its_paths_once(estate: Estate) -> None:
    run = begin(estate)

    [told] = estate.runs_of("con-01", at(0))
    assert (run.state, run.checks, run.by) == (RunState.RUNNING, 2, "127.0.0.1")
    assert (told.id, told.checks) == ("A", run.asked)
    assert estate.runs_of("con-02", at(0)) == ()


def test_a_run_over_nothing_is_refused(estate: Estate) -> None:
    said = r"^no path of baseline matches flow nothing-\*, src con-01$"
    with pytest.raises(UsageError, match=said):
        begin(estate, Target(phase=Phase.BASELINE, flow=("nothing-*",), src=("con-01",)))


def test_equal_runs_are_one_while_it_runs(estate: Estate) -> None:
    first = begin(estate)
    second = begin(estate, name="B", seconds=1)
    other = begin(estate, msgspec.structs.replace(CONSOLES, src=("con-02",)), "C", 1)
    answer(estate, "A", {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS})
    end(estate, 2)
    third = begin(estate, name="D", seconds=3)

    assert [run.id for run in (first, second, other, third)] == ["A", "A", "C", "D"]


def test_runs_keep_to_a_rate(estate: Estate) -> None:
    for number in range(MOST_A_MINUTE):
        begin(estate, name=f"R{number}")
        estate.apply(estate.decide_cancel(f"R{number}", at(0))[0])

    with pytest.raises(TooManyRuns, match=r"ask again in 58 s") as refused:
        begin(estate, name="X", seconds=3)
    assert refused.value.seconds == 58
    assert begin(estate, name="Y", seconds=61).id == "Y"


def test_a_run_is_done_when_every_check_is_answered(estate: Estate) -> None:
    begin(estate)
    answer(estate, "A", {CONSOLE: HTTPS})
    assert not estate.has_run_over(at(1))
    shown, rows = estate.run_with_rows("A", at(1))
    answer(estate, "A", {CONSOLE_OLD: REFUSED}, 2)

    changes = end(estate, 3)

    assert (shown.done, [row.path for row in rows or ()]) == (1, [CONSOLE])
    run = estate.run("A", at(3))
    assert (run.state, run.done, run.silent_probes, run.ended) == (RunState.DONE, 2, 0, at(3))
    assert rows_of(changes)[CONSOLE].verdict is Count.OK
    assert rows_of(changes)[CONSOLE_OLD].verdict is Count.BROKEN
    assert rows_of(changes)[CONSOLE_OLD].reason == "it refused the connection"
    assert (run.counts[Count.OK], run.counts[Count.BROKEN]) == (1, 1)
    assert estate.runs_of("con-01", at(3)) == ()


def test_what_is_seen_once_counts_for_a_run_although_it_is_not_confirmed(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS})
    begin(estate, seconds=5)

    answer(estate, "A", {CONSOLE: REFUSED, CONSOLE_OLD: HTTPS}, 6)

    rows = rows_of(end(estate, 7))
    assert (rows[CONSOLE].verdict, rows[CONSOLE_OLD].verdict) == (Count.BROKEN, Count.OK)
    assert estate.matrix(None, at(7))[0].verdict != "broken"


def test_what_was_not_measured_for_the_run_is_no_answer(estate: Estate) -> None:
    begin(estate)

    answer(estate, "B", {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS})
    answer(estate, "A", {WATCHED: HTTPS}, 2)

    assert estate.run("A", at(2)).done == 0


def test_a_run_that_waited_long_enough_names_the_probes_that_are_away(estate: Estate) -> None:
    begin(estate, Target(phase=Phase.BASELINE, flow=("console-backend",)))
    answer(estate, "A", {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS})
    waiting = estate.run("A", at(2))

    assert end(estate, 59.9).empty
    changes = end(estate, 60)

    run = estate.run("A", at(60))
    assert (waiting.silent, run.silent, run.silent_probes) == (("con-02",), ("con-02",), 1)
    assert (run.state, run.done, run.checks) == (RunState.EXPIRED, 2, 4)
    row = rows_of(changes)["console-backend:con-02>be-02:tcp/443"]
    assert (row.verdict, row.answered) == (Count.UNPROVEN, False)
    assert row.reason == "its probe did not answer this run"


def test_a_run_is_cancelled_once(estate: Estate) -> None:
    begin(estate)

    changes, run = estate.decide_cancel("A", at(1), "10.0.0.9")
    estate.apply(changes)
    again, still = estate.decide_cancel("A", at(2), "10.0.0.8")

    assert (run.state, still) == (RunState.CANCELLED, run)
    assert again.empty
    assert [(event.after, event.by) for event in changes.events] == [("cancelled", "10.0.0.9")]
    with pytest.raises(UsageError, match="no run with the id 'B'"):
        estate.decide_cancel("B", at(1))


def test_the_oldest_runs_are_forgotten(estate: Estate) -> None:
    for number in range(MOST_KEPT + 2):
        begin(estate, name=f"R{number:03}", seconds=number * 10)
        estate.apply(estate.decide_cancel(f"R{number:03}", at(number * 10))[0])

    assert estate.run_ids == [f"R{number:03}" for number in range(2, MOST_KEPT + 2)]


def test_a_run_waits_on_after_a_restart(estate: Estate) -> None:
    begin(estate)
    answer(estate, "A", {CONSOLE: HTTPS})
    memory = estate.memory

    again = started(
        cells=memory.cells, check_ids=memory.check_ids, runs=memory.runs, answers=memory.answers
    )
    answer(again, "A", {CONSOLE_OLD: HTTPS}, 2)

    assert end(again, 3).runs["A"] is not None
    assert again.run("A", at(3)).state is RunState.DONE


def test_what_leaves_the_plan_is_not_waited_for(estate: Estate) -> None:
    begin(estate)
    answer(estate, "A", {CONSOLE: HTTPS})
    text = estate.memory.inventory_text.replace(
        "be-01: {address: 10.1.0.11", "be-01: {address: 10.1.0.99"
    )

    estate.apply(estate.decide_inventory(text, "inventory.yaml", at(2))[0])

    assert estate.has_run_over(at(2))
    assert rows_of(end(estate, 3)).keys() == {CONSOLE}


def test_a_goal_that_nobody_measured_for_the_run_is_unproven_and_not_pending(
    estate: Estate,
) -> None:
    legacy = "agent-legacy:pc-001>ah-02:tcp/17000"
    target = Target(phase=Phase.COMPLETE, flow=("agent-legacy",), src=("pc-001",), dst=("ah-02",))
    begin(estate, target)
    unanswered = rows_of(end(estate, 60))[legacy]

    begin(estate, target, "B", 61)
    answer(estate, "B", {legacy: MSRPC}, 62, "pc-001")
    answered = rows_of(end(estate, 63), "B")[legacy]

    assert (unanswered.verdict, unanswered.reason) == (Count.UNPROVEN, NOT_ANSWERED)
    assert (answered.verdict, answered.answered) == (Count.PENDING, True)
