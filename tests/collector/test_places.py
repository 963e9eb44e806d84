from collector.places import Place, Places, place_named
from flows.inventory_reading import read_inventory
from tests.collector.samples import INVENTORY

TWICE = INVENTORY.replace(
    "waivers:",
    "  branch: {handlers: [ah-02], agents: [pc-001]}\nwaivers:",
).replace("[console], site: office", "[console]")


def places(text: str = INVENTORY) -> Places:
    return Places(read_inventory(text, "inventory.yaml"))


def test_agents_are_of_a_group_and_a_site_and_other_machines_of_a_site() -> None:
    assert places().of("pc-003") == Place("hq", "home")
    assert places().of("con-01") == Place(None, "office")


def test_a_place_without_a_site_has_a_name_too() -> None:
    names = [
        str(Place(group, site))
        for group, site in (("hq", "home"), ("hq", None), (None, "dc1"), (None, None))
    ]

    assert names == ["group hq at site home", "group hq", "site dc1", "no site"]


def test_an_agent_of_several_groups_is_in_the_first_alone() -> None:
    assert places(TWICE).of("pc-001") == Place("branch", "office")
    assert places(TWICE).sizes == {
        Place(None, "dc1"): 3,
        Place(None, None): 2,
        Place("branch", "office"): 1,
        Place("hq", "office"): 1,
        Place("hq", "home"): 1,
    }


def test_machines_without_a_probe_are_not_counted() -> None:
    assert sum(places().sizes.values()) == 8


def test_only_hosts_with_a_probe_have_a_place() -> None:
    inventory = read_inventory(INVENTORY, "inventory.yaml")
    hosts = ("be-01", "sql-01", "nobody", None)

    assert [place_named(inventory, host) for host in hosts] == ["site dc1", None, None, None]
