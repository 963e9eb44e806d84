"""What is planned ahead is what would have been planned, and is used for nothing else."""

import pytest

from collector.planning import Planner, is_same
from collector.timing import Timing
from flows.errors import Refused
from flows.expansion import expand
from flows.hosts import Version
from flows.inventory_reading import read_inventory
from flows.versions import Versions
from tests.collector.samples import INVENTORY

NEW = {"be-01": Version("2.7.1")}
DECLARED = read_inventory(INVENTORY, "inventory.yaml")


@pytest.fixture
def planner() -> Planner:
    return Planner(Timing())


def test_a_plan_that_was_made_ahead_is_the_one_that_would_be_made(planner: Planner) -> None:
    planner.plan_ahead(Versions(DECLARED, NEW))

    plan = planner.plan(Versions(DECLARED, dict(NEW)))

    assert plan is planner.plan(Versions(DECLARED, NEW))
    assert plan == expand(DECLARED, Versions(DECLARED, NEW))
    assert planner.ground(plan) is planner.ground(plan)
    assert planner.ground(plan).assignments.plan is plan


@pytest.mark.parametrize(
    "other",
    [
        Versions(DECLARED),
        Versions(DECLARED, {"be-01": Version("2.6")}),
        Versions(DECLARED, NEW, {"ah-02": Version("2.7.1")}),
        Versions(read_inventory(INVENTORY, "inventory.yaml"), NEW),
    ],
    ids=["nothing set", "another version", "another one shown", "another inventory"],
)
def test_it_serves_for_nothing_else(planner: Planner, other: Versions) -> None:
    planner.plan_ahead(Versions(DECLARED, NEW))

    assert not is_same(Versions(DECLARED, NEW), other)
    assert planner.plan(other) is not planner.plan(Versions(DECLARED, NEW))
    assert planner.plan(other) == expand(other.inventory, other)


def test_what_follows_from_a_plan_that_was_not_made_ahead_is_made_for_it(planner: Planner) -> None:
    plan = expand(DECLARED, Versions(DECLARED))
    planner.plan_ahead(Versions(DECLARED, NEW))

    assert planner.ground(plan).assignments.plan is plan


def test_what_is_forgotten_is_made_again(planner: Planner) -> None:
    planner.plan_ahead(Versions(DECLARED, NEW))
    before = planner.plan(Versions(DECLARED, NEW))

    planner.forget()

    assert planner.plan(Versions(DECLARED, NEW)) is not before


def test_the_same_text_is_read_once_and_another_name_is_another_file(planner: Planner) -> None:
    first = planner.read(INVENTORY, "inventory.yaml")

    assert planner.read(INVENTORY, "inventory.yaml") is first
    assert planner.read(INVENTORY, "other.yaml") is not first
    with pytest.raises(Refused):
        planner.read("hosts: []", "inventory.yaml")
