"""Names that real name servers answer, refuse and leave unanswered."""

import pytest

from flows.outcomes import Observation, Outcome, Stage
from tests.lab.dns import FAILING, SILENT
from tests.lab.lab import Lab
from tests.lab.tasks import Task, tcp_check
from tests.lab.topology import DESTINATION, DESTINATION6, UNROUTED, UNROUTED6

pytestmark = pytest.mark.needs("ip", "nft")

OPEN = 80
LINK_LOCAL = "fe80::1"
"""Of the router."""
ADDRESSES = (
    "both.test",
    "partly.test",
    "split.test",
    "bare.test",
    FAILING,
    SILENT,
    "nobody.test",
    f"{LINK_LOCAL}%eth0",
    LINK_LOCAL,
    f"[{DESTINATION6}]",
    f"::ffff:{DESTINATION}",
)


@pytest.fixture(scope="module")
def seen(lab: Lab) -> dict[str, Observation]:
    """Every address, measured at the same time."""
    checks = tuple(tcp_check(address, OPEN) for address in ADDRESSES)
    return dict(zip(ADDRESSES, lab.measure(Task(checks=checks, tcp=(OPEN,))), strict=True))


def test_a_name_is_measured_at_each_of_its_addresses(seen: dict[str, Observation]) -> None:
    found = seen["both.test"]

    assert found.outcome is Outcome.OPEN
    assert {one.address: one.outcome for one in found.addresses} == {
        DESTINATION: Outcome.OPEN,
        DESTINATION6: Outcome.OPEN,
    }
    assert set(found.stages.by_stage) == {Stage.RESOLVE, Stage.CONNECT}


def test_a_family_without_a_route_is_shown_and_does_not_speak_for_the_name(
    seen: dict[str, Observation],
) -> None:
    found = seen["partly.test"]

    assert found.outcome is Outcome.OPEN
    assert {one.address: one.routed for one in found.addresses} == {
        DESTINATION: True,
        UNROUTED6: False,
    }


def test_an_address_without_a_route_is_judged_where_its_family_has_one(
    seen: dict[str, Observation],
) -> None:
    found = seen["split.test"]

    assert (found.outcome, found.address) == (Outcome.UNREACHABLE, UNROUTED)
    assert all(one.routed for one in found.addresses)


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("nobody.test", "nxdomain: the name does not exist"),
        ("bare.test", "nxdomain: the name exists and has no address"),
        (FAILING, "servfail: the name servers failed, or none could be reached"),
        (SILENT, "timeout: no answer from the name servers within 1.0 s"),
    ],
)
def test_what_does_not_resolve_says_why(
    name: str, detail: str, seen: dict[str, Observation]
) -> None:
    found = seen[name]

    assert (found.outcome, found.stage, found.detail) == (
        Outcome.UNRESOLVED,
        Stage.RESOLVE,
        detail,
    )
    assert found.address is None


def test_a_link_local_address_is_dialled_on_its_link(seen: dict[str, Observation]) -> None:
    found = seen[f"{LINK_LOCAL}%eth0"]

    assert (found.outcome, found.address) == (Outcome.REFUSED, f"{LINK_LOCAL}%eth0")


def test_a_link_local_address_without_its_link_is_a_fault(seen: dict[str, Observation]) -> None:
    found = seen[LINK_LOCAL]

    assert found.outcome is Outcome.FAULT
    assert found.detail == "a link-local address needs its link, as in fe80::1%eth0"


def test_brackets_and_ipv4_inside_ipv6_are_read(seen: dict[str, Observation]) -> None:
    bracketed, mapped = seen[f"[{DESTINATION6}]"], seen[f"::ffff:{DESTINATION}"]

    assert (bracketed.outcome, bracketed.address) == (Outcome.OPEN, DESTINATION6)
    assert (mapped.outcome, mapped.address) == (Outcome.OPEN, DESTINATION)
