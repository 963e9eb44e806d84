"""The page knows every word of the closed vocabularies that it draws."""

import re
from enum import StrEnum
from importlib.resources import files

import pytest

from collector.memory import EventKind
from collector.runs import RunState
from collector.views import CellState, Shade
from flows.gates import Count, GateState
from flows.outcomes import Outcome
from flows.phases import PHASES


def words_of(name: str, begin: str, end: str) -> set[str]:
    """Collect the words between two marks of a script."""
    text = files("collector.web").joinpath(name).read_text("utf-8")
    part = text[text.index(begin) : text.index(end, text.index(begin))]
    return set(re.findall(r"[A-Za-z_]+", part))


@pytest.mark.parametrize(
    ("vocabulary", "name", "begin"),
    [
        (EventKind, "events_view.js", "const KINDS"),
        (Shade, "words.js", "export const SHAPES"),
        (GateState, "words.js", "export const SHAPES"),
        (Count, "words.js", "export const SHAPES"),
        (CellState, "words.js", "export const WORST"),
        (Count, "runs_view.js", "const ORDER"),
        (Count, "gate_view.js", "const COUNTS"),
    ],
)
def test_each_word_has_its_place(vocabulary: type[StrEnum], name: str, begin: str) -> None:
    assert {str(word) for word in vocabulary} <= words_of(name, begin, ";")


def test_the_phases_stand_in_their_order() -> None:
    text = files("collector.web").joinpath("words.js").read_text("utf-8")
    listed = re.findall(r'"(\w+)"', text[text.index("export const PHASES") :].split(";")[0])

    assert listed == [str(phase) for phase in PHASES]


def test_there_is_something_to_do_about_every_outcome() -> None:
    known = words_of("remedies.js", "switch (outcome)", "default:")

    assert {str(outcome) for outcome in Outcome} <= known


def test_a_run_that_goes_on_is_known_by_its_word() -> None:
    assert str(RunState.RUNNING) in words_of("live.js", "export function followRun", "return ()")
