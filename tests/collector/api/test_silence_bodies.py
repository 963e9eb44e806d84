import msgspec

from collector.api.silence_bodies import attestation_body, maintenance_body, waiver_body
from collector.memory import Reach, Silence, SilencedBy
from tests.collector.samples import NOW, at

SAID = Silence(kind=SilencedBy.WAIVER, glob="sql:*", reason="it is moved", until=at(60), by="ann")


def test_a_waiver_says_where_it_stands() -> None:
    of_an_operator = waiver_body("1a2b", SAID, NOW)
    of_the_inventory = waiver_body(None, SAID, at(60))

    assert (of_an_operator.id, of_an_operator.source, of_an_operator.in_force) == (
        "1a2b",
        "operator",
        True,
    )
    assert (of_the_inventory.id, of_the_inventory.source, of_the_inventory.in_force) == (
        None,
        "inventory",
        False,
    )


def test_an_attestation_calls_its_reason_evidence() -> None:
    body = attestation_body("1a2b", SAID, NOW)

    assert (body.path, body.evidence, body.by) == ("sql:*", "it is moved", "ann")


def test_maintenance_names_hosts_or_a_site_and_its_beginning() -> None:
    of_hosts = maintenance_body(
        "a", msgspec.structs.replace(SAID, reach=Reach.HOSTS, begins=at(30)), NOW
    )
    of_a_site = maintenance_body("b", msgspec.structs.replace(SAID, reach=Reach.SITES), NOW)

    assert (of_hosts.hosts, of_hosts.site, of_hosts.in_force) == ("sql:*", None, False)
    assert (of_a_site.hosts, of_a_site.site, of_a_site.in_force) == (None, "sql:*", True)
    assert msgspec.to_builtins(of_hosts)["from"] == "2026-11-23T12:00:30Z"
