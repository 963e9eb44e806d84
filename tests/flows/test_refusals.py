"""Refusals: one bad inventory for each rule, with its exact messages beside it."""

from pathlib import Path as File

import pytest

from flows.errors import GatewatchError, Problem, Refused
from flows.inventory_reading import read_inventory
from tests.flows.plan_tables import DATA

FILES = sorted((DATA / "refused").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_bad_inventory_is_refused_with_every_problem_that_it_has(file: File) -> None:
    expected = file.with_suffix(".txt").read_text(encoding="utf-8")

    with pytest.raises(Refused) as refused:
        read_inventory(file.read_text(encoding="utf-8"), file.name)

    assert f"{refused.value}\n" == expected


def test_every_bad_inventory_has_its_messages() -> None:
    assert {file.stem for file in FILES} == {file.stem for file in FILES[0].parent.glob("*.txt")}


def test_problems_stand_in_the_order_of_lines_and_each_once() -> None:
    late, early = Problem("a.yaml", 10, "x", "late"), Problem("a.yaml", 9, "y", "early")

    refused = Refused([late, early, late])

    assert refused.problems == (early, late)
    assert str(refused) == "a.yaml:9: y: early\na.yaml:10: x: late"


def test_a_problem_of_the_whole_file_names_no_key() -> None:
    assert str(Problem("a.yaml", 1, "", "the file is empty")) == "a.yaml:1: the file is empty"


def test_a_refusal_is_one_of_our_errors() -> None:
    assert issubclass(Refused, GatewatchError)
