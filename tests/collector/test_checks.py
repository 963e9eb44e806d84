"""Whose a check is, for as long as anybody may report it."""

from collector.checks import Checks
from collector.memory import Changes
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.plan import Plan
from tests.collector.samples import INVENTORY

PLAN: Plan = expand(read_inventory(INVENTORY, "inventory.yaml"))
KEY = ("con-01", "10.1.0.11", "tcp", 443)
OTHER = ("con-02", "10.1.0.11", "tcp", 443)


def test_checks_of_the_host_are_not_foreign() -> None:
    assert Checks({KEY: 1, OTHER: 2}, PLAN).foreign("con-01", [1, 1]) is None


def test_the_first_foreign_check_is_named() -> None:
    assert Checks({KEY: 1, OTHER: 2}, PLAN).foreign("con-01", [1, 2, 3]) == 2


def test_a_check_that_never_was_is_foreign() -> None:
    assert Checks({KEY: 1}, PLAN).foreign("con-01", [99]) == 99


def test_a_check_that_left_the_plan_is_still_its_hosts() -> None:
    gone = ("con-01", "192.0.2.1", "tcp", 443)

    assert Checks({gone: 7}, PLAN).foreign("con-01", [7]) is None
    assert Checks({gone: 7}, PLAN).flows(7) == ()


def test_every_flow_that_shares_a_check_is_listed() -> None:
    agent = ("pc-001", "10.1.0.12", "tcp", 443)

    assert Checks({agent: 3}, PLAN).flows(3) == ("agent",)
    assert Checks({agent: 3}, PLAN).flows(4) == ()


def test_new_checks_and_another_plan_are_taken_in() -> None:
    moved = INVENTORY.replace("10.1.0.12", "10.1.0.99")
    new = ("pc-001", "10.1.0.99", "tcp", 443)
    checks = Checks({}, PLAN)

    checks.apply(Changes(check_ids={new: 5}, plan=expand(read_inventory(moved, "x"))))

    assert checks.foreign("pc-001", [5]) is None
    assert checks.flows(5) == ("agent",)
