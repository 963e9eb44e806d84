"""What two runs say of the same paths, side by side; and the exit code of one."""

import pytest

from gatewatch.runs import Change, Row, Run, differences


def run_of(**verdicts: str) -> Run:
    """Make a run; a verdict may carry a reason behind a slash."""
    rows = (
        Row(path=path, verdict=said.partition("/")[0], reason=said.partition("/")[2])
        for path, said in verdicts.items()
    )
    return Run(id="A", state="done", rows=tuple(rows))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("ok", "broken", Change.BROKE),
        ("unproven", "broken", Change.BROKE),
        ("broken", "ok", Change.FIXED),
        ("broken", "unproven", Change.OTHER),
        ("ok", "unproven", Change.OTHER),
        ("broken/it refused", "broken/it is silent", Change.OTHER),
    ],
)
def test_a_path_broke_was_fixed_or_changed(before: str, after: str, change: Change) -> None:
    [found] = differences(run_of(a=before), run_of(a=after))

    assert (found.change, found.path) == (change, "a")


def test_what_is_the_same_is_no_difference() -> None:
    assert differences(run_of(a="ok", b="broken/x"), run_of(b="broken/x", a="ok")) == []


def test_what_broke_stands_first_and_what_one_run_lacks_last() -> None:
    first = run_of(gone="ok", fixed="broken", other="ok", b="ok", a="ok")
    second = run_of(new="ok", fixed="ok", other="unproven", b="broken", a="broken")

    found = [(one.change, one.path) for one in differences(first, second)]

    assert found == [
        ("broke", "a"),
        ("broke", "b"),
        ("fixed", "fixed"),
        ("changed", "other"),
        ("added", "new"),
        ("removed", "gone"),
    ]


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, 0),
        ({"ok": 3, "waived": 1, "attested": 1, "pending": 1, "unverifiable": 1, "broken": 0}, 0),
        ({"ok": 1, "broken": 1, "unproven": 1}, 1),
        ({"ok": 1, "unproven": 1}, 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_path_that_binds(
    counts: dict[str, int], code: int
) -> None:
    assert Run(id="A", state="done", counts=counts).exit_code == code
