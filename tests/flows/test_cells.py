"""What is confirmed and what is suspected (DESIGN 4, Timing)."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.cells import NOT_REACHED, Cell, alike, kind, observe
from flows.outcomes import AnsweredBy, Certificate, Observation, Outcome

START = datetime(2027, 1, 31, 12, tzinfo=UTC)
OPEN = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, address="10.0.0.1")
FILTERED = Observation(outcome=Outcome.FILTERED, address="10.0.0.1")
REFUSED = Observation(outcome=Outcome.REFUSED, address="10.0.0.1")
REJECTED = Observation(
    outcome=Outcome.REJECTED, address="10.0.0.1", sender="10.0.0.254", icmp=(3, 1)
)
UNREACHABLE = Observation(outcome=Outcome.UNREACHABLE, address="10.0.0.1")
HUNG = Observation(outcome=Outcome.HUNG, address="10.0.0.1")
RESET = Observation(outcome=Outcome.RESET, address="10.0.0.1")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def after(*observations: Observation, every: float = 15) -> Cell:
    """Observe one after the other, at an interval."""
    cell = observe(None, observations[0], START)
    for number, observation in enumerate(observations[1:], 1):
        cell = observe(cell, observation, at(number * every))
    return cell


def node(sha256: str) -> Observation:
    """Be answered by one of those that share an address."""
    shown = Certificate(der=b"", sha256=sha256)
    return msgspec.structs.replace(OPEN, certificate=shown)


def test_the_first_observation_is_confirmed_at_once() -> None:
    cell = after(OPEN)

    assert (cell.confirmed, cell.since, cell.observed_at) == (OPEN, START, START)
    assert (cell.suspect, cell.count) == (False, 1)


def test_what_is_seen_again_is_the_same_since_the_beginning() -> None:
    cell = after(OPEN, OPEN, OPEN)

    assert (cell.since, cell.observed_at, cell.count) == (START, at(30), 3)


def test_one_odd_measurement_makes_a_cell_suspect_and_turns_nothing() -> None:
    cell = after(OPEN, FILTERED)

    assert (cell.confirmed, cell.candidate, cell.suspect) == (OPEN, FILTERED, True)
    assert (cell.candidate_since, cell.observed_at) == (at(15), at(15))


def test_the_second_in_a_row_turns_it_from_the_moment_of_the_first() -> None:
    cell = after(OPEN, FILTERED, FILTERED)

    assert (cell.confirmed, cell.since, cell.suspect) == (FILTERED, at(15), False)
    assert (cell.turns, cell.count) == ((at(30),), 2)


def test_a_suspicion_that_is_not_borne_out_is_forgotten() -> None:
    cell = after(OPEN, FILTERED, OPEN, FILTERED)

    assert (cell.confirmed, cell.suspect, cell.turns) == (OPEN, True, ())


def test_two_odd_measurements_that_differ_turn_nothing() -> None:
    cell = after(OPEN, FILTERED, HUNG)

    assert (cell.confirmed, cell.candidate) == (OPEN, HUNG)
    assert cell.candidate_since == at(30)


def test_what_is_reached_no_longer_is_borne_out_however_it_fails() -> None:
    cell = after(OPEN, FILTERED, REJECTED)

    assert (cell.confirmed, cell.since, cell.suspect) == (REJECTED, at(15), False)
    assert (cell.turns, cell.count) == ((at(30),), 1)


def test_ways_of_not_reaching_it_turn_into_each_other_only_where_seen_twice() -> None:
    once = after(FILTERED, REJECTED, REFUSED)
    twice = after(FILTERED, REJECTED, REJECTED)

    assert (once.confirmed, once.candidate) == (FILTERED, REFUSED)
    assert twice.confirmed == REJECTED


def test_a_repair_is_borne_out_whichever_node_of_a_balancer_answers() -> None:
    cell = after(FILTERED, node("ab"), node("cd"))

    assert (cell.confirmed, cell.since) == (node("cd"), at(15))


def test_another_service_bears_out_no_repair() -> None:
    cell = after(FILTERED, OPEN, msgspec.structs.replace(OPEN, answered_by=AnsweredBy.GRPC))

    assert (cell.confirmed, cell.suspect) == (FILTERED, True)


@given(
    st.sampled_from([OPEN, HUNG, RESET]),
    st.lists(st.sampled_from([FILTERED, REFUSED, REJECTED, UNREACHABLE]), min_size=2),
)
def test_nothing_counts_as_reached_after_two_failures_in_a_row(
    reached: Observation, failures: list[Observation]
) -> None:
    assert after(reached, *failures).confirmed.outcome in NOT_REACHED


@pytest.mark.parametrize("seconds", [-60, 0])
def test_an_older_observation_never_overwrites_a_newer_one(seconds: float) -> None:
    cell = after(OPEN)

    assert observe(cell, FILTERED, at(seconds)) is cell


def test_the_newest_observation_of_the_confirmed_kind_is_kept() -> None:
    slower = Observation(
        outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, address="10.0.0.1", seconds=3.0
    )

    assert after(OPEN, slower).confirmed is slower


def test_three_turns_in_ten_minutes_are_flapping() -> None:
    twice = after(OPEN, FILTERED, FILTERED, OPEN, OPEN)
    thrice = after(OPEN, FILTERED, FILTERED, OPEN, OPEN, FILTERED, FILTERED)

    assert not twice.flapping(twice.observed_at)
    assert thrice.flapping(thrice.observed_at)


def test_flapping_ends_ten_minutes_after_the_first_of_three_turns() -> None:
    cell = after(OPEN, FILTERED, FILTERED, OPEN, OPEN, FILTERED, FILTERED)
    first = cell.turns[0]

    assert cell.flapping(first + timedelta(minutes=10))
    assert not cell.flapping(first + timedelta(minutes=10, seconds=1))


def test_a_dead_host_that_is_silent_and_rejected_by_turns_does_not_flap() -> None:
    dead = after(OPEN, *[FILTERED, FILTERED, REJECTED, REJECTED] * 3)

    assert (dead.confirmed, dead.since, len(dead.turns)) == (REJECTED, at(15), 1)
    assert not dead.flapping(dead.observed_at)


def test_a_firewall_that_rejects_what_it_dropped_is_a_turn() -> None:
    prohibited = msgspec.structs.replace(REJECTED, icmp=(3, 13))

    assert after(FILTERED, prohibited, prohibited).since == at(15)


def test_a_host_that_refuses_and_is_silent_by_turns_flaps() -> None:
    cell = after(*[FILTERED, FILTERED, REFUSED, REFUSED] * 2)

    assert cell.flapping(cell.observed_at)


def test_old_turns_are_forgotten() -> None:
    cell = after(OPEN, FILTERED, FILTERED, OPEN, OPEN, every=400)

    assert cell.turns == (at(1600),)


def of_name(*addresses: Observation) -> Observation:
    return Observation(outcome=addresses[0].outcome, addresses=addresses)


SAME = [
    (OPEN, Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, address="10.0.0.2")),
    (OPEN, Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, rtt_seconds=0.1)),
    (of_name(OPEN, FILTERED), of_name(FILTERED, OPEN)),
    (of_name(OPEN), OPEN),
]
OTHER = [
    (OPEN, FILTERED),
    (OPEN, Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.GRPC)),
    (OPEN, of_name(OPEN, FILTERED)),
    (
        Observation(outcome=Outcome.REJECTED, sender="10.0.0.254"),
        Observation(outcome=Outcome.REJECTED, sender="10.0.0.253"),
    ),
    (
        Observation(outcome=Outcome.REJECTED, icmp=(3, 13)),
        Observation(outcome=Outcome.REJECTED, icmp=(3, 1)),
    ),
    (
        Observation(outcome=Outcome.OPEN, certificate=Certificate(der=b"", sha256="ab")),
        Observation(outcome=Outcome.OPEN, certificate=Certificate(der=b"", sha256="cd")),
    ),
    (OPEN, Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.TLS, client_certificate=True)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_speed_and_address_make_no_other_kind(one: Observation, other: Observation) -> None:
    assert kind(one) == kind(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_happened_and_who_answered_makes_another_kind(
    one: Observation, other: Observation
) -> None:
    assert kind(one) != kind(other)


seen = st.builds(
    Observation,
    outcome=st.sampled_from([Outcome.OPEN, Outcome.REJECTED]),
    answered_by=st.sampled_from([None, AnsweredBy.HTTPS]),
    sender=st.sampled_from([None, "", "10.0.0.9"]),
    icmp=st.sampled_from([None, (3, 13)]),
    client_certificate=st.booleans(),
    certificate=st.none()
    | st.builds(Certificate, der=st.just(b""), sha256=st.sampled_from("ab"), subject=st.just("x")),
    addresses=st.sampled_from([(), (OPEN, FILTERED), (FILTERED, OPEN)]),
)


@given(seen, seen)
def test_alike_is_what_is_of_the_same_kind(one: Observation, other: Observation) -> None:
    assert alike(one, other) == (kind(one) == kind(other))


def test_an_address_without_a_route_makes_no_other_kind() -> None:
    without = Observation(outcome=Outcome.UNREACHABLE, address="fd00::1", routed=False)

    assert kind(of_name(without, OPEN)) == kind(OPEN)


FAULT = Observation(outcome=Outcome.FAULT, detail="no file descriptor is left")


def test_what_was_known_before_a_fault_lasts_until_something_else_is_confirmed() -> None:
    broken = after(REFUSED, FAULT, FAULT)
    still = after(REFUSED, FAULT, FAULT, FAULT)
    repaired = after(REFUSED, FAULT, FAULT, OPEN, OPEN)

    assert (broken.confirmed, broken.lasting) == (FAULT, REFUSED)
    assert still.lasting == REFUSED
    assert repaired.lasting == OPEN


def test_a_fault_before_anything_else_is_all_that_is_known() -> None:
    assert after(FAULT).lasting == FAULT
