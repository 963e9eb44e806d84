"""A good inventory, read whole (DESIGN 2); bad ones are in test_refusals.py."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import Refused
from flows.hosts import Need, Version
from flows.inventory import Inventory, Ports, Waiver
from flows.inventory_reading import read_inventory
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import MIGRATION, estate

SMALLEST = "a: {address: 10.0.0.1, roles: []}"


@pytest.fixture(name="design", scope="module")
def fixture_design() -> Inventory:
    """Read the inventory of DESIGN 2."""
    return inventory_of(DATA / "design.yaml")


def test_the_inventory_of_the_design_can_be_read(design: Inventory) -> None:
    assert (design.migration.name, design.migration.old, design.migration.new) == (
        "acme",
        Version("2.6"),
        Version("2.7.1"),
    )
    assert (len(design.hosts), list(design.groups)) == (13, ["hq"])
    assert design.waivers == (
        Waiver("sql-dac:*>sql-01:tcp/1434", "remote DAC is off by policy", date(2027, 1, 31)),
    )


def test_what_is_left_out_has_its_default() -> None:
    inventory = estate(SMALLEST)

    assert inventory.ports == Ports()
    assert inventory.separate_backend_8443 is Need.ADVISE
    assert (inventory.extra_flows, inventory.waivers) == ((), ())


@pytest.mark.parametrize("groups", ["", "handler_groups: {}"])
def test_without_groups_there_is_one_of_all(groups: str) -> None:
    inventory = estate(SMALLEST, groups)

    assert [(group.name, group.assumed) for group in inventory.groups.values()] == [
        ("default", True)
    ]


def test_ports_that_were_changed_leave_the_others_alone() -> None:
    inventory = estate(SMALLEST, "ports: {agent: 8443, backend-colocated: 9443}")

    assert inventory.ports == Ports(agent=8443, backend_colocated=9443)


@pytest.mark.parametrize("need", Need)
def test_the_contradiction_of_the_guide_can_be_settled(need: Need) -> None:
    inventory = estate(SMALLEST, f"options: {{separate_backend_8443: {need}}}")

    assert inventory.separate_backend_8443 is need


@pytest.mark.parametrize("until", ["2027-01-31", '"2027-01-31"'])
def test_a_waiver_holds_until_a_day(until: str) -> None:
    inventory = estate(SMALLEST, f'waivers: [{{path: "*", reason: tests, until: {until}}}]')

    assert inventory.waivers == (Waiver("*", "tests", date(2027, 1, 31)),)


def test_groups_may_be_empty_of_agents_while_there_are_none() -> None:
    inventory = estate(
        "ah: {address: 10.0.0.1, roles: [agent-handler]}", "handler_groups: {hq: {handlers: [ah]}}"
    )

    assert inventory.groups["hq"].agents == ()


def test_json_is_yaml() -> None:
    text = '{"migration": {"name": "a", "from": "2.6", "to": "2.7.1"}, "hosts": {"b": '
    text += '{"address": "10.0.0.1", "roles": [], "virtual": true, "site": "x"}}}'

    assert read_inventory(text, "a.json").hosts["b"].virtual


@given(st.text())
def test_any_text_is_an_inventory_or_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_inventory(text, "a.yaml")


LINES = (DATA / "design.yaml").read_text(encoding="utf-8").splitlines()
CUTS = st.tuples(
    st.integers(0, len(LINES) - 1), st.integers(0, 120), st.text("{}[]:,-&*!\"'~ \n0a")
)


@given(st.lists(CUTS, min_size=1, max_size=3))
def test_a_damaged_inventory_is_read_or_refused(cuts: list[tuple[int, int, str]]) -> None:
    lines = list(LINES)
    for line, column, noise in cuts:
        lines[line] = lines[line][:column] + noise + lines[line][column + 1 :]

    try:
        inventory = read_inventory("\n".join(lines), "a.yaml")
    except Refused as refused:
        found = refused.problems
    else:
        found = ()
        assert inventory.hosts

    assert all(problem.line >= 1 and problem.text for problem in found)


def test_a_large_inventory_has_all_its_problems_named() -> None:
    hosts = "\n".join(f"  pc-{n}: {{address: 10.0.0.1, roles: [agnet]}}" for n in range(500))

    with pytest.raises(Refused) as refused:
        read_inventory(f"{MIGRATION}hosts:\n{hosts}\n", "a.yaml")

    assert [problem.line for problem in refused.value.problems] == list(range(3, 503))
