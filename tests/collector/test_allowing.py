"""A probe has to be allowed to dial exactly what its plan needs."""

from collector.allowing import allowed_for_group, allowed_for_host
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from tests.collector.samples import INVENTORY

PLAN = expand(read_inventory(INVENTORY, "inventory.yaml"))


def test_a_host_needs_the_destinations_of_its_paths() -> None:
    allowed = allowed_for_host(PLAN, "con-01")

    assert allowed.networks == ("10.1.0.11/32", "10.1.0.40/32")
    assert allowed.names == ("be-02.acme.example",)
    assert allowed.ports == (443, 8443, 8642)


def test_an_agent_that_will_join_needs_its_handlers_and_the_collector() -> None:
    assert allowed_for_group(PLAN, "hq") == allowed_for_host(PLAN, "pc-001")


def test_a_host_that_measures_nothing_needs_nothing() -> None:
    assert allowed_for_host(PLAN, "sql-01") == ((), (), ())
