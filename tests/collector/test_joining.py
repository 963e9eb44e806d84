"""Agents that joined are as those of the inventory, and never stand in their place."""

from collector.credentials import Joined
from collector.joining import with_joined
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from tests.collector.samples import INVENTORY, NOW, in_plan

DECLARED = read_inventory(INVENTORY, "inventory.yaml")


def joined(address: str = "10.9.0.77", group: str = "hq", site: str | None = "paris") -> Joined:
    return Joined(address=address, group=group, site=site, at=NOW, enrolment="e")


def test_nobody_joined_is_the_same_inventory() -> None:
    assert with_joined(DECLARED, {}) is DECLARED


def test_an_agent_that_joined_has_the_paths_of_its_group() -> None:
    grown = with_joined(DECLARED, {"pc-777": joined()})

    host = grown.hosts["pc-777"]
    assert (host.address, host.site, host.is_plain_agent) == ("10.9.0.77", "paris", True)
    assert grown.groups["hq"].agents == (*DECLARED.groups["hq"].agents, "pc-777")
    paths = in_plan(expand(grown), src="pc-777")
    like = in_plan(expand(DECLARED), src="pc-001")
    assert sorted(paths) == sorted(one.replace("pc-001", "pc-777") for one in like)


def test_a_host_of_the_inventory_is_the_inventorys() -> None:
    assert with_joined(DECLARED, {"pc-001": joined("10.66.6.6")}) is DECLARED


def test_agents_of_a_group_that_is_no_more_are_left_out() -> None:
    assert with_joined(DECLARED, {"pc-777": joined(group="gone")}) is DECLARED
