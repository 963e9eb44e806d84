from collector.estate import Estate
from collector.wanted import ALL, EVERY_HOST, Wanted, WantedHosts
from flows.phases import Phase
from tests.collector.samples import HANDLER, HANDLER_OLD


def paths(estate: Estate, wanted: Wanted, phase: Phase = Phase.PREPARE) -> list[str]:
    return [path.id for path in wanted.paths(estate.plan, phase)]


def hosts(estate: Estate, wanted: WantedHosts) -> list[str]:
    return [host.name for host in wanted.hosts(estate.plan.inventory)]


def test_all_that_a_phase_asks_for_is_wanted_in_the_order_of_the_plan(estate: Estate) -> None:
    for phase in Phase:
        assert paths(estate, ALL, phase) == [path.id for path in estate.plan.of(phase)]


def test_a_source_that_is_named_outright_gives_what_its_glob_gives(estate: Estate) -> None:
    named = paths(estate, Wanted(src="con-01"))

    assert named
    assert sorted(named) == sorted(paths(estate, Wanted(src="con-0[1]")))
    assert paths(estate, Wanted(src="con-99")) == []


def test_every_wish_has_to_come_true(estate: Estate) -> None:
    wanted = Wanted(flow="agent*", src="pc-00?", dst="ah-02", group="hq", site="office")

    assert paths(estate, wanted) == [
        *(HANDLER_OLD.replace("pc-001", name) for name in ("pc-001", "pc-002")),
        *(HANDLER.replace("pc-001", name) for name in ("pc-001", "pc-002")),
    ]
    assert paths(estate, Wanted(group="west")) == []
    assert paths(estate, Wanted(flow="AGENT")) == []


def test_hosts_are_wanted_by_name_with_and_without_those_that_are_only_agents(
    estate: Estate,
) -> None:
    every = hosts(estate, EVERY_HOST)

    assert every == sorted(estate.plan.inventory.hosts)
    assert set(every) - set(hosts(estate, WantedHosts(agents=False))) == {
        "pc-001",
        "pc-002",
        "pc-003",
    }


def test_hosts_are_wanted_by_group_and_site(estate: Estate) -> None:
    assert hosts(estate, WantedHosts(group="hq", site="home")) == ["pc-003"]
    assert hosts(estate, WantedHosts(group="nobody")) == []
