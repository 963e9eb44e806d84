"""A run, and how two of them differ, as a person reads them."""

import pytest

from gatewatch.run_table import show_differences, show_run, summary
from gatewatch.runs import Row, Run, differences
from gatewatch.terminal import console

BROKEN = Row(
    path="a:b>c:tcp/1", verdict="broken", reason="c refused", outcome="refused", expect="serve"
)
FINE = Row(path="a:b>d:tcp/1", verdict="ok", reason="d answered", outcome="open", expect="serve")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_run_shows_what_is_not_ok_and_one_line_for_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Run(
        id="01A",
        state="expired",
        phase="prepare",
        checks=5,
        done=2,
        silent=("b", "e"),
        silent_probes=7,
        counts={"ok": 1, "broken": 1, "pending": 0},
        rows=(BROKEN, FINE),
    )

    show_run(run, console())

    shown = lines(capsys)
    assert "✗ a:b>c:tcp/1 serve refused c refused" in shown
    assert shown[-1] == (
        "run 01A, prepare, expired: 2 of 5 checks answered; 1 ok, 1 broken; silent: b, e and 5 more"
    )
    assert not any("a:b>d" in line for line in shown)


def test_a_run_that_was_just_begun_says_how_much_it_asks_for() -> None:
    run = Run(id="01A", state="running", phase="prepare", checks=5, counts={"ok": 0})

    assert summary(run) == "run 01A, prepare, running: 0 of 5 checks answered"


def test_a_difference_shows_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    first = Run(id="A", state="done", rows=(FINE,))
    second = Run(id="B", state="done", rows=(BROKEN,))

    show_differences(differences(first, second), console())

    assert lines(capsys)[2:] == [
        "added a:b>c:tcp/1 - broken: c refused",
        "removed a:b>d:tcp/1 ok: d answered -",
    ]
