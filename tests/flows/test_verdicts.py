"""The table of DESIGN 4, written again by hand, and that it has an answer to everything."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Service
from flows.phases import BINDING, Expectation
from flows.verdicts import (
    PROHIBITING,
    Absence,
    Case,
    Context,
    Judgement,
    Proof,
    Sighting,
    Verdict,
    case_of,
    is_of_the_dead,
    is_prohibiting,
    judge,
)

CONTEXTS = (
    Context(),
    Context(control=True),
    Context(sighting=Sighting.SEEN),
    Context(sighting=Sighting.MISSED),
    Context(shared=True),
    Context(planned=frozenset({Service.HTTPS})),
)
"""The columns of a cell below: nothing else known, a control, a sighting, a witness that saw
nothing, a colocated machine's shared port, the backend of 2.6 planned there today."""
WORDS = {"o": Verdict.OK, "b": Verdict.BROKEN, "?": Verdict.UNPROVEN}

GRPC, SSRP, UDP, SYSLOG = Service.GRPC, Service.SSRP, Service.UDP, Service.SYSLOG
TABLE = {
    #                                             serve     permit    closed
    ("open", Identity.VERIFIED, GRPC): ("oooooo", "oooooo", "bbbbbb"),
    ("open", Identity.UNVERIFIED, GRPC): ("oooooo", "oooooo", "bbbbbb"),
    ("open", Identity.UNDECIDED, GRPC): ("oooo?o", "oooooo", "bbbbbb"),
    ("open", Identity.MISMATCH, GRPC): ("bbbbbb", "?????o", "bbbbbb"),
    ("refused", None, GRPC): ("bbbbbb", "oooboo", "oooooo"),
    ("refused", None, UDP): ("bbbbbb", "oooboo", "oooooo"),
    ("rejected", None, GRPC): ("bbbbbb", "bbbbbb", "?o????"),
    ("filtered", None, GRPC): ("bbbbbb", "??ob??", "?o????"),
    ("reset", None, GRPC): ("bbbbbb", "??????", "bbbbbb"),
    ("hung", None, GRPC): ("bbbbbb", "??????", "bbbbbb"),
    ("answered", Identity.MISMATCH, SSRP): ("bbbbbb", "??????", "bbbbbb"),
    ("answered", Identity.VERIFIED, SSRP): ("oooooo", "oooooo", "bbbbbb"),
    ("answered", Identity.UNVERIFIED, UDP): ("oooooo", "oooooo", "bbbbbb"),
    ("answered", Identity.UNDECIDED, SSRP): ("oooooo", "oooooo", "bbbbbb"),
    ("silent", None, SSRP): ("bbbbbb", "??????", "??????"),
    ("silent", None, UDP): ("??????", "??????", "??????"),
    ("silent", None, SYSLOG): ("??????", "??????", "??????"),
    ("unresolved", None, GRPC): ("bbbbbb", "bbbbbb", "??????"),
    ("unreachable", None, GRPC): ("bbbbbb", "bbbbbb", "?o????"),
    ("denied", None, GRPC): ("?b????", "?b????", "?o????"),
    ("fault", None, GRPC): ("??????", "??????", "??????"),
}
COLUMNS = (Expectation.SERVE, Expectation.PERMIT, Expectation.CLOSED)


def seen(outcome: str) -> Observation:
    """Make an observation; what is open is answered by a server of HTTPS."""
    answered_by = AnsweredBy.HTTPS if outcome == "open" else None
    return Observation(outcome=Outcome(outcome), answered_by=answered_by, address="10.0.0.1")


@pytest.mark.parametrize(
    ("outcome", "identity", "service", "expectation", "cells"),
    [
        (*case, expectation, cells)
        for case, row in TABLE.items()
        for expectation, cells in zip(COLUMNS, row, strict=True)
    ],
)
def test_a_field_of_the_table_is_judged_as_the_design_says(
    outcome: str,
    identity: Identity | None,
    service: Service,
    expectation: Expectation,
    cells: str,
) -> None:
    verdicts = [
        judge(expectation, seen(outcome), identity, service, context).verdict
        for context in CONTEXTS
    ]

    assert verdicts == [WORDS[letter] for letter in cells]


def test_the_table_has_every_outcome() -> None:
    assert {outcome for outcome, _, _ in TABLE} == set(Outcome)


@pytest.mark.parametrize(
    ("sender", "icmp"),
    [
        *(("10.0.0.254", code) for code in [(3, 2), (3, 3), (3, 9), (3, 10), (3, 13)]),
        *(("fd00::ff", code) for code in [(1, 1), (1, 4), (1, 5), (1, 6)]),
    ],
)
def test_a_prohibiting_code_proves_a_port_closed(sender: str, icmp: tuple[int, int]) -> None:
    rejected = Observation(outcome=Outcome.REJECTED, sender=sender, icmp=icmp)

    assert judge(Expectation.CLOSED, rejected, None, GRPC).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("sender", "icmp"),
    [
        ("10.0.0.254", (3, 0)),
        ("10.0.0.254", (3, 1)),
        ("10.0.0.254", (11, 0)),
        ("10.0.0.254", (1, 1)),
        ("fd00::ff", (3, 3)),
        ("fd00::ff", (1, 0)),
        ("fd00::ff", (1, 3)),
        ("10.0.0.254", None),
        (None, (3, 1)),
    ],
)
def test_another_code_proves_nothing_without_a_control(
    sender: str | None, icmp: tuple[int, int] | None
) -> None:
    rejected = Observation(outcome=Outcome.REJECTED, sender=sender, icmp=icmp)

    assert judge(Expectation.CLOSED, rejected, None, GRPC).verdict is Verdict.UNPROVEN


def test_the_family_of_an_unnamed_sender_is_that_of_the_destination() -> None:
    rejected = Observation(outcome=Outcome.REJECTED, address="fd00::1", icmp=(1, 1))

    assert is_prohibiting(rejected)


def test_codes_are_prohibiting_in_their_own_family_only() -> None:
    assert not PROHIBITING[4] & PROHIBITING[6]


@pytest.mark.parametrize(
    ("answered_by", "service"),
    [
        (AnsweredBy.HTTPS, Service.HTTPS),
        (AnsweredBy.HTTP, Service.HTTP),
        (AnsweredBy.GRPC, Service.GRPC),
        (AnsweredBy.TDS, Service.TDS),
        (AnsweredBy.MSRPC, Service.MSRPC),
        (AnsweredBy.TLS, Service.TLS),
    ],
)
def test_another_service_proves_a_permit_where_the_plan_has_it_today(
    answered_by: AnsweredBy, service: Service
) -> None:
    answer = Observation(outcome=Outcome.OPEN, answered_by=answered_by)

    def verdict(*planned: Service) -> Verdict:
        context = Context(planned=frozenset(planned))
        return judge(Expectation.PERMIT, answer, Identity.MISMATCH, Service.SYSLOG, context).verdict

    assert verdict(service) is Verdict.OK
    assert verdict(*(set(Service) - {service})) is Verdict.UNPROVEN


@pytest.mark.parametrize("answered_by", [None, AnsweredBy.NONE, AnsweredBy.OTHER])
def test_what_shows_nothing_is_no_planned_service(answered_by: AnsweredBy | None) -> None:
    answer = Observation(outcome=Outcome.OPEN, answered_by=answered_by)
    everything = Context(planned=frozenset(Service))

    judgement = judge(Expectation.PERMIT, answer, Identity.MISMATCH, GRPC, everything)

    assert judgement.verdict is Verdict.UNPROVEN


def test_a_refusal_that_proves_a_permit_says_how_far_until_a_sighting() -> None:
    def proof(context: Context) -> Proof | None:
        return judge(Expectation.PERMIT, seen("refused"), None, GRPC, context).proof

    assert proof(Context()) is Proof.HOST_OR_FIREWALL
    assert proof(Context(sighting=Sighting.SEEN)) is None
    assert proof(Context(sighting=Sighting.MISSED)) is None


@pytest.mark.parametrize("expectation", [Expectation.SERVE, Expectation.CLOSED])
def test_only_a_permit_rests_on_a_refusal(expectation: Expectation) -> None:
    assert judge(expectation, seen("refused"), None, GRPC).proof is None


@pytest.mark.parametrize(
    ("case", "expectation"),
    [(case, expectation) for case, expectation in product(TABLE, COLUMNS)],
)
def test_only_silence_where_a_service_must_answer_is_unverifiable(
    case: tuple[str, Identity | None, Service], expectation: Expectation
) -> None:
    outcome, identity, service = case
    silent = outcome == "silent" and expectation is Expectation.SERVE and service is not SSRP

    assert judge(expectation, seen(outcome), identity, service).unverifiable is silent


@pytest.mark.parametrize("expectation", sorted(BINDING))
@pytest.mark.parametrize("absence", Absence)
def test_what_is_not_fresh_is_unproven(expectation: Expectation, absence: Absence) -> None:
    context = Context(control=True, sighting=Sighting.SEEN, absence=absence)

    judgement = judge(expectation, seen("open"), Identity.VERIFIED, GRPC, context)

    assert judgement == Judgement(Verdict.UNPROVEN, absence=absence)


@pytest.mark.parametrize("expectation", sorted(BINDING))
def test_what_was_never_measured_is_unproven(expectation: Expectation) -> None:
    assert judge(expectation, None, None, GRPC) == Judgement(
        Verdict.UNPROVEN, absence=Absence.NEVER
    )


def test_a_stale_silence_is_not_unverifiable_but_unproven() -> None:
    judgement = judge(Expectation.SERVE, seen("silent"), None, UDP, Context(absence=Absence.STALE))

    assert not judgement.unverifiable


CONTEXT = st.builds(
    Context,
    control=st.booleans(),
    sighting=st.none() | st.sampled_from(Sighting),
    shared=st.booleans(),
    planned=st.frozensets(st.sampled_from(Service)),
    needed=st.booleans(),
    absence=st.none() | st.sampled_from(Absence),
)
OBSERVATION = st.builds(
    Observation,
    outcome=st.sampled_from(Outcome),
    answered_by=st.none() | st.sampled_from(AnsweredBy),
    address=st.none() | st.sampled_from(["10.0.0.1", "fd00::1"]),
    sender=st.none() | st.sampled_from(["10.0.0.254", "fd00::ff"]),
    icmp=st.none() | st.tuples(st.integers(0, 255), st.integers(0, 255)),
)
IDENTITY = st.none() | st.sampled_from(Identity)
SERVICE = st.sampled_from(Service)


@given(st.sampled_from(Expectation), st.none() | OBSERVATION, IDENTITY, SERVICE, CONTEXT)
def test_every_combination_has_a_verdict(
    expectation: Expectation,
    observation: Observation | None,
    identity: Identity | None,
    service: Service,
    context: Context,
) -> None:
    judgement = judge(expectation, observation, identity, service, context)

    assert judgement.verdict in Verdict
    assert judgement.proof is None or judgement.verdict is Verdict.OK
    assert not judgement.unverifiable or judgement.verdict is Verdict.UNPROVEN


@pytest.mark.parametrize(
    ("outcome", "identity"),
    [pair for pair in product(Outcome, [None, *Identity]) if pair[0] is not Outcome.FAULT],
)
def test_every_outcome_but_a_fault_has_a_row(outcome: Outcome, identity: Identity | None) -> None:
    assert case_of(Observation(outcome=outcome), identity) in Case


@given(st.none() | OBSERVATION, IDENTITY, SERVICE, CONTEXT)
def test_what_is_advised_is_judged_as_a_permit(
    observation: Observation | None, identity: Identity | None, service: Service, context: Context
) -> None:
    advised, permit = (
        judge(expectation, observation, identity, service, context)
        for expectation in (Expectation.ADVISED, Expectation.PERMIT)
    )

    assert advised == permit


@given(st.none() | OBSERVATION, IDENTITY, SERVICE, CONTEXT)
def test_what_is_retired_is_always_ok(
    observation: Observation | None, identity: Identity | None, service: Service, context: Context
) -> None:
    assert judge(Expectation.RETIRED, observation, identity, service, context).verdict is Verdict.OK


@given(st.sampled_from(sorted(BINDING)), OBSERVATION, IDENTITY, SERVICE)
def test_absence_never_passes(
    expectation: Expectation,
    observation: Observation,
    identity: Identity | None,
    service: Service,
) -> None:
    stale = Context(control=True, sighting=Sighting.SEEN, absence=Absence.STALE)

    assert judge(expectation, observation, identity, service, stale).verdict is Verdict.UNPROVEN


@pytest.mark.parametrize(
    ("seen", "is_dead"),
    [
        (Observation(outcome=Outcome.FILTERED), True),
        (Observation(outcome=Outcome.UNREACHABLE), True),
        (Observation(outcome=Outcome.REJECTED, sender="10.0.0.254", icmp=(3, 1)), True),
        (Observation(outcome=Outcome.REJECTED, sender="fd00::1", icmp=(1, 3)), True),
        (Observation(outcome=Outcome.REJECTED, sender="10.0.0.254", icmp=(3, 13)), False),
        (Observation(outcome=Outcome.REFUSED), False),
        (Observation(outcome=Outcome.OPEN), False),
    ],
)
def test_a_host_that_is_switched_off_is_silent_or_out_of_a_routers_reach(
    seen: Observation, is_dead: bool
) -> None:
    assert is_of_the_dead(seen) is is_dead
