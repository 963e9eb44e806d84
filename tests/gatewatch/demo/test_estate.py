from ipaddress import ip_address
from pathlib import Path

from flows.expansion import expand
from flows.phases import Expectation, Phase
from flows.plan import Plan
from flows.versions import Versions
from gatewatch.demo.estate import NETWORKS, Estate
from gatewatch.demo.program import probe_settings
from gatewatch.demo.services import Post
from gatewatch.demo.walk import LEGACY, OLD_BACKEND, RELEASE_2_6, RELEASE_2_7_1


def the_plan() -> Plan:
    inventory = Estate().inventory
    return expand(inventory, Versions(inventory))


def serving(phase: Phase) -> set[tuple[str, str, int]]:
    """List the endpoints at which something must answer in a phase."""
    return {path.endpoint for path in the_plan() if path.expect.get(phase) is Expectation.SERVE}


def endpoints(posts: set[Post]) -> set[tuple[str, str, int]]:
    addresses = Estate().addresses
    return {(addresses[post.host], post.kind.proto, post.port) for post in posts}


def test_every_host_has_a_loopback_address_of_its_own() -> None:
    addresses = [address for one in NETWORKS for address in Estate(one).addresses.values()]

    assert all(ip_address(address).is_loopback for address in addresses)
    assert len(set(addresses)) == len(addresses)


def test_no_port_needs_root() -> None:
    assert min(path.port for path in the_plan()) >= 1024


def test_there_is_a_service_wherever_a_phase_asks_for_one() -> None:
    old, new = set(RELEASE_2_6), set(RELEASE_2_6) | set(RELEASE_2_7_1)

    assert serving(Phase.BASELINE) <= endpoints(old)
    assert serving(Phase.COMPLETE) <= endpoints(new - {OLD_BACKEND, *LEGACY})


def test_every_service_is_on_a_path_of_the_plan() -> None:
    planned = {path.endpoint for path in the_plan()}

    assert endpoints({*RELEASE_2_6, *RELEASE_2_7_1}) <= planned


def test_probes_may_dial_all_that_the_plan_asks_for_and_no_other_port(tmp_path: Path) -> None:
    estate = Estate("127.83")
    host = estate.inventory.hosts["con-01"]

    settings = probe_settings(tmp_path, estate, "http://127.0.0.1:1", host)

    assert settings.host == "con-01"
    assert settings.allow.ports == {path.port for path in the_plan()}
    assert list(map(str, settings.allow.networks)) == ["127.83.0.0/16"]
