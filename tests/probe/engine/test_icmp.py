"""The meaning of every ICMP error, by who sent it."""

import pytest

from flows.outcomes import Outcome
from probe.engine.icmp import Meaning, meaning, words
from probe.platforms.evidence import IcmpError

OWN = {4: "10.2.0.5", 6: "fd00:2::5"}
ROUTER = {4: "10.1.255.1", 6: "fd00:1::1"}
DESTINATION = {4: "10.1.0.12", 6: "fd00:1::12"}
ADMINISTRATIVELY = {4: 13, 6: 1}
PORT = {4: 3, 6: 4}
HOST = {4: 1, 6: 3}
UNREACHABLE = {4: 3, 6: 1}
VERSIONS = pytest.mark.parametrize("version", [4, 6])


def meant(version: int, code: int, sender: str | None, *, at_once: bool = False) -> Meaning:
    error = IcmpError(version, UNREACHABLE[version], code, sender, at_once)
    return meaning(error, OWN[version], DESTINATION[version])


@VERSIONS
def test_the_destination_itself_refuses_by_an_unreachable_port(version: int) -> None:
    refused = meant(version, PORT[version], DESTINATION[version])

    assert refused == Meaning(Outcome.REFUSED, "port unreachable")


@VERSIONS
@pytest.mark.parametrize("silent", [False, True])
def test_a_router_rejects_by_an_unreachable_port(version: int, silent: bool) -> None:
    sender = None if silent else ROUTER[version]

    assert meant(version, PORT[version], sender) == Meaning(Outcome.REJECTED, "port unreachable")


@VERSIONS
@pytest.mark.parametrize("place", [ROUTER, DESTINATION])
def test_a_prohibition_rejects_whoever_sends_it(version: int, place: dict[int, str]) -> None:
    rejected = meant(version, ADMINISTRATIVELY[version], place[version])

    assert rejected == Meaning(Outcome.REJECTED, "administratively prohibited")


@VERSIONS
def test_a_host_that_misses_its_neighbour_is_unreachable(version: int) -> None:
    missed = meant(version, HOST[version], OWN[version])

    assert missed.outcome is Outcome.UNREACHABLE
    assert missed.detail == "this host's neighbour on the way is silent"


@VERSIONS
@pytest.mark.parametrize("codes", [PORT, ADMINISTRATIVELY])
def test_a_host_that_rejects_its_own_packet_denies(version: int, codes: dict[int, int]) -> None:
    denied = meant(version, codes[version], OWN[version])

    assert denied.outcome is Outcome.DENIED
    assert denied.detail.startswith("this host's own firewall said: ")


@VERSIONS
def test_a_firewall_that_says_unreachable_host_does_it_at_once(version: int) -> None:
    assert meant(version, HOST[version], OWN[version], at_once=True).outcome is Outcome.DENIED


@pytest.mark.parametrize(("version", "kind"), [(4, 11), (6, 3)])
def test_a_packet_that_lived_too_long_went_in_a_loop(version: int, kind: int) -> None:
    error = IcmpError(version, kind, 0, ROUTER[version])

    assert meaning(error, OWN[version], DESTINATION[version]) == Meaning(Outcome.REJECTED, "loop")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IcmpError(4, 3, 9, None), "network prohibited"),
        (IcmpError(4, 3, 10, None), "host prohibited"),
        (IcmpError(4, 3, 13, None), "administratively prohibited"),
        (IcmpError(4, 3, 99, None), "unreachable, code 99"),
        (IcmpError(4, 12, 1, None), "ICMP type 12, code 1"),
        (IcmpError(4, 11, 0, None), "time exceeded"),
        (IcmpError(6, 1, 5, None), "source address failed the policy"),
        (IcmpError(6, 1, 6, None), "route rejected"),
        (IcmpError(6, 4, 1, None), "ICMP type 4, code 1"),
    ],
)
def test_an_error_is_said_in_plain_words(error: IcmpError, said: str) -> None:
    assert words(error) == said
