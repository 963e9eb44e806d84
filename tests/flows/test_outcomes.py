"""Observations of names with several addresses, and as they cross the wire."""

from itertools import pairwise

import msgspec
import pytest

from flows.outcomes import (
    SPOKE,
    Certificate,
    Observation,
    Outcome,
    Stage,
    StageTimes,
    each_address,
    rolled_up,
)

WORST_FIRST = [
    "fault",
    "unresolved",
    "denied",
    "unreachable",
    "filtered",
    "rejected",
    "refused",
    "hung",
    "reset",
    "silent",
    "answered",
    "open",
]


def seen(outcome: str, *, routed: bool = True) -> Observation:
    return Observation(outcome=Outcome(outcome), routed=routed)


def test_one_address_speaks_for_itself() -> None:
    assert rolled_up((seen("open"),)) == seen("open")


@pytest.mark.parametrize(("worse", "better"), [*pairwise(WORST_FIRST)])
def test_the_worst_of_several_addresses_speaks(worse: str, better: str) -> None:
    both = (seen(better), seen(worse))

    row = rolled_up(both)

    assert (row.outcome, row.addresses) == (worse, both)


def test_every_outcome_has_its_rank() -> None:
    assert set(WORST_FIRST) == set(Outcome)


def test_a_family_without_a_route_speaks_only_if_no_other_does() -> None:
    without = seen("unreachable", routed=False)

    assert rolled_up((without, seen("open"))).outcome is Outcome.OPEN
    assert rolled_up((without, without)).outcome is Outcome.UNREACHABLE


def test_of_no_address_nothing_can_be_said() -> None:
    with pytest.raises(ValueError, match="empty"):
        rolled_up(())


def test_each_routed_address_is_judged() -> None:
    without, opened = seen("unreachable", routed=False), seen("open")

    assert each_address(opened) == (opened,)
    assert each_address(rolled_up((without, opened, opened))) == (opened, opened)
    assert each_address(rolled_up((without, without))) == (without, without)


def test_an_address_named_by_its_outcome_alone_is_as_its_row_says() -> None:
    bare = Observation(outcome=Outcome.REJECTED, address="10.1.0.12")
    other = Observation(outcome=Outcome.OPEN, address="fd77::12")
    row = Observation(
        outcome=Outcome.REJECTED, address="10.1.0.12", icmp=(3, 13), addresses=(bare, other)
    )

    rejected, opened = each_address(row)

    assert (rejected.address, rejected.icmp, rejected.addresses) == ("10.1.0.12", (3, 13), ())
    assert opened == other


def test_an_address_that_says_more_keeps_its_own_words() -> None:
    first = Observation(outcome=Outcome.REJECTED, address="10.1.0.12", icmp=(3, 13))
    second = Observation(outcome=Outcome.REJECTED, address="10.1.0.13", icmp=(3, 1))

    assert each_address(rolled_up((first, second))) == (first, second)


def test_stages_are_told_in_their_order_and_only_those_that_were_entered() -> None:
    times = StageTimes(protocol=0.3, connect=0.0)

    assert list(times.by_stage.items()) == [(Stage.CONNECT, 0.0), (Stage.PROTOCOL, 0.3)]
    assert StageTimes(**dict.fromkeys(Stage, 0.5)).by_stage == dict.fromkeys(Stage, 0.5)


def test_only_what_a_live_destination_says_may_be_a_control() -> None:
    assert set(map(str, SPOKE)) == {"open", "reset", "hung", "answered", "refused"}


def test_an_observation_crosses_the_wire_as_it_is() -> None:
    sent = Observation(
        outcome=Outcome.REJECTED,
        sender="10.0.0.254",
        icmp=(3, 13),
        addresses=(seen("open"),),
        certificate=Certificate(der=b"\x30", sha256="ab"),
    )

    body = msgspec.json.encode(sent)

    assert msgspec.json.decode(body, type=Observation) == sent
    assert msgspec.json.decode(body)["from"] == "10.0.0.254"
