"""Why, in the operator's words: one sentence for what was seen, and what it means in a phase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.outcomes import (
    AnsweredBy,
    Identity,
    Observation,
    Outcome,
    Service,
    Stage,
)
from flows.phases import Expectation
from flows.reasons import ICMP4, ICMP6, SPOKEN, WANTED, icmp_words, reason
from flows.verdicts import Absence, Context, Sighting, judge
from tests.flows.test_verdicts import CONTEXT, IDENTITY, OBSERVATION, SERVICE

SERVE, PERMIT, CLOSED, ADVISED, RETIRED = Expectation
CONTROL, SEEN, MISSED = (
    Context(control=True),
    Context(sighting=Sighting.SEEN),
    Context(sighting=Sighting.MISSED),
)


def said(
    observation: Observation | None,
    expectation: Expectation = SERVE,
    context: Context = Context(),  # noqa: B008 - frozen
    identity: Identity | None = None,
    service: Service = Service.GRPC,
) -> str:
    judgement = judge(expectation, observation, identity, service, context)
    return reason(observation, identity, service, expectation, judgement, context)


def seen(outcome: str, detail: str = "", stage: Stage | None = None) -> Observation:
    return Observation(outcome=Outcome(outcome), address="10.0.0.1", detail=detail, stage=stage)


def answered(by: AnsweredBy | None, detail: str = "", outcome: str = "open") -> Observation:
    return Observation(outcome=Outcome(outcome), answered_by=by, address="10.0.0.1", detail=detail)


@pytest.mark.parametrize(
    ("observation", "sentence"),
    [
        (None, "never measured"),
        (seen("refused"), "10.0.0.1 refused the connection"),
        (seen("filtered"), "no answer from 10.0.0.1: dropped on the way, or there"),
        (
            seen("reset", stage=Stage.PROTOCOL),
            "10.0.0.1 accepted the connection and cut it off before the service spoke",
        ),
        (
            seen("reset", stage=Stage.TLS),
            "10.0.0.1 accepted the connection and cut it off before the TLS handshake was done",
        ),
        (
            seen("hung", stage=Stage.TLS),
            "10.0.0.1 accepted the connection and fell silent before the TLS handshake was done",
        ),
        (
            seen("hung"),
            "10.0.0.1 accepted the connection and fell silent before the service spoke",
        ),
        (seen("silent"), "no reply from 10.0.0.1, which proves nothing over UDP"),
        (seen("unresolved", "nxdomain"), "the name does not resolve: nxdomain"),
        (seen("unresolved"), "the name does not resolve"),
        (seen("unreachable", "no route"), "this host cannot reach 10.0.0.1: no route"),
        (seen("denied", "EPERM"), "this host itself forbids it: EPERM"),
        (seen("fault", "out of ports"), "the probe could not measure: out of ports"),
        (Observation(outcome=Outcome.FILTERED), "no answer from it: dropped on the way, or there"),
    ],
)
def test_every_outcome_is_said_in_one_sentence(
    observation: Observation | None, sentence: str
) -> None:
    assert said(observation) == sentence


def test_a_sql_browser_has_no_right_to_be_silent() -> None:
    assert said(seen("silent"), service=Service.SSRP) == (
        "no reply from 10.0.0.1, where a SQL Server Browser answers every request"
    )


@pytest.mark.parametrize(
    ("sender", "icmp", "detail", "sentence"),
    [
        (
            "10.1.255.1",
            (3, 13),
            "",
            "10.1.255.1, a router on the way, rejected it: administratively prohibited",
        ),
        ("10.0.0.1", (3, 3), "", "10.0.0.1, the destination itself, rejected it: port unreachable"),
        ("fd00::ff", (1, 6), "", "fd00::ff, a router on the way, rejected it: route to the"
         " destination rejected"),
        (None, (11, 0), "loop", "it was rejected: the packet went in a loop"),
        (None, (9, 9), "", "it was rejected: ICMP type 9, code 9"),
        (None, None, "host down", "it was rejected: host down"),
        (None, None, "", "it was rejected: unreachable"),
    ],
)  # fmt: skip
def test_a_rejection_says_who_and_why(
    sender: str | None, icmp: tuple[int, int] | None, detail: str, sentence: str
) -> None:
    rejected = Observation(
        outcome=Outcome.REJECTED, address="10.0.0.1", sender=sender, icmp=icmp, detail=detail
    )

    assert said(rejected) == sentence


def test_codes_are_named_by_the_family_of_who_sent_them() -> None:
    def words(address: str, icmp: tuple[int, int]) -> str:
        return icmp_words(Observation(outcome=Outcome.REJECTED, address=address, icmp=icmp))

    assert words("fd00::1", (1, 4)) == ICMP6[1, 4] == "port unreachable"
    assert words("10.0.0.1", (3, 1)) == ICMP4[3, 1] == "host unreachable"


@pytest.mark.parametrize(
    ("observation", "identity", "service", "sentence"),
    [
        (answered(AnsweredBy.GRPC), Identity.UNVERIFIED, Service.GRPC, "a gRPC server answered"),
        (
            answered(AnsweredBy.GRPC),
            Identity.VERIFIED,
            Service.GRPC,
            "a gRPC server answered, as the inventory claims",
        ),
        (
            answered(AnsweredBy.GRPC, "CN=other"),
            Identity.MISMATCH,
            Service.GRPC,
            "a gRPC server answered, but not the one that the inventory claims (CN=other)",
        ),
        (
            answered(AnsweredBy.HTTPS),
            Identity.MISMATCH,
            Service.GRPC,
            "the wrong service: an HTTPS server answered instead of a gRPC server",
        ),
        (
            answered(None),
            Identity.MISMATCH,
            Service.TCP,
            "the wrong service: a listener that said nothing answered instead of a TCP listener",
        ),
        (
            answered(AnsweredBy.TLS, "it wants a client certificate"),
            Identity.UNDECIDED,
            Service.GRPC,
            "connected, but it did not show that it is a gRPC server"
            " (it wants a client certificate)",
        ),
        (answered(AnsweredBy.NONE), Identity.UNVERIFIED, Service.SYSLOG, "connected"),
        (answered(None), Identity.UNVERIFIED, Service.TCP, "connected"),
        (
            answered(AnsweredBy.SSRP, outcome="answered"),
            Identity.UNVERIFIED,
            Service.SSRP,
            "a SQL Server Browser answered",
        ),
    ],
)
def test_an_answer_says_who_and_whether_it_is_the_right_one(
    observation: Observation, identity: Identity, service: Service, sentence: str
) -> None:
    assert said(observation, SERVE, Context(), identity, service) == sentence


@pytest.mark.parametrize(
    ("absence", "sentence"),
    [
        (Absence.STALE, "no recent measurement; last seen: 10.0.0.1 refused the connection"),
        (
            Absence.AWAY,
            "the probe is cut off: nothing but the collector answers it;"
            " last seen: 10.0.0.1 refused the connection",
        ),
        (Absence.NEVER, "10.0.0.1 refused the connection"),
    ],
)
def test_an_old_observation_is_said_to_be_old(absence: Absence, sentence: str) -> None:
    assert said(seen("refused"), SERVE, Context(absence=absence)) == sentence


HTTPS_THERE = Context(planned=frozenset({Service.HTTPS}))


@pytest.mark.parametrize(
    ("outcome", "expectation", "context", "meaning"),
    [
        ("filtered", PERMIT, SEEN, "a witness saw it arrive"),
        ("filtered", PERMIT, MISSED, "a witness there was listening and saw nothing"),
        ("refused", PERMIT, MISSED, "a witness there was listening and saw nothing"),
        (
            "refused",
            PERMIT,
            Context(),
            "nobody listens yet, and the network let it through, or a firewall answered for it",
        ),
        (
            "filtered",
            PERMIT,
            Context(),
            "without a listener there, a drop and a silent host look the same",
        ),
        (
            "filtered",
            ADVISED,
            Context(),
            "without a listener there, a drop and a silent host look the same",
        ),
        ("reset", PERMIT, Context(), "something on the way may have accepted it"),
        ("hung", PERMIT, Context(), "something on the way may have accepted it"),
        ("rejected", PERMIT, Context(), ""),
        ("filtered", SERVE, Context(), ""),
        ("filtered", RETIRED, Context(), ""),
        ("open", CLOSED, Context(), "it must be closed"),
        ("reset", CLOSED, CONTROL, "it must be closed"),
        (
            "filtered",
            CLOSED,
            Context(),
            "closed or dead? no other port of the destination answered either",
        ),
        ("filtered", CLOSED, CONTROL, "the destination lives: another port of it answered"),
        ("refused", CLOSED, Context(), ""),
        ("silent", CLOSED, Context(), ""),
        ("unresolved", CLOSED, Context(), ""),
        ("fault", CLOSED, Context(), ""),
    ],
)
def test_what_is_not_plain_is_explained(
    outcome: str, expectation: Expectation, context: Context, meaning: str
) -> None:
    what_was_seen = said(seen(outcome), SERVE)

    sentence = said(seen(outcome), expectation, context)

    assert sentence.removeprefix(what_was_seen.split("; ")[0]).removeprefix("; ") == meaning


@pytest.mark.parametrize(
    ("context", "meaning"),
    [
        (HTTPS_THERE, "the plan has that there today, and the network let it through"),
        (Context(), "the port is taken, or something on the way answers in its name"),
    ],
)
def test_another_service_where_nobody_need_answer_yet_is_explained(
    context: Context, meaning: str
) -> None:
    sentence = said(answered(AnsweredBy.HTTPS), PERMIT, context, Identity.MISMATCH)

    assert sentence == f"an HTTPS server answered instead of a gRPC server; {meaning}"


def test_the_right_service_where_nobody_need_answer_yet_needs_no_word() -> None:
    assert said(answered(AnsweredBy.GRPC), PERMIT, HTTPS_THERE, Identity.UNVERIFIED) == (
        "a gRPC server answered"
    )


def test_every_answer_and_every_service_has_its_words() -> None:
    assert (set(SPOKEN), set(WANTED)) == (set(AnsweredBy), set(Service))


@given(st.sampled_from(Expectation), st.none() | OBSERVATION, IDENTITY, SERVICE, CONTEXT)
def test_there_is_a_reason_for_everything(
    expectation: Expectation,
    observation: Observation | None,
    identity: Identity | None,
    service: Service,
    context: Context,
) -> None:
    sentence = said(observation, expectation, context, identity, service)

    assert sentence
    assert not sentence.endswith(" ")
    assert "None" not in sentence
