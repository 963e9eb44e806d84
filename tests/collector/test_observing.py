from hashlib import sha256

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from collector.observing import observed
from flows.outcomes import AnsweredBy, Certificate, Chain, Observation, Outcome, Stage
from tests.collector.samples import NOW, result_of

SHOWN = Certificate(der=b"a leaf", sha256=sha256(b"a leaf").hexdigest())
READ = msgspec.structs.replace(SHOWN, subject="CN=be-01")

seconds = st.floats(0, 9)
observations = st.builds(
    Observation,
    outcome=st.sampled_from(Outcome),
    detail=st.sampled_from(["", "as expected"]),
    answered_by=st.sampled_from([None, AnsweredBy.HTTPS]),
    icmp=st.sampled_from([None, (3, 13)]),
    addresses=st.sampled_from([(), (Observation(outcome=Outcome.OPEN),)]),
    seconds=seconds,
    stages=st.dictionaries(st.sampled_from(Stage), seconds),
    rtt_seconds=st.none() | seconds,
    late_seconds=seconds,
    syn_retransmits=st.integers(0, 3),
    server=st.sampled_from([None, "nginx"]),
    certificate=st.sampled_from([None, SHOWN]),
)


@given(observations, st.none() | observations)
def test_whatever_was_seen_before_an_observation_is_what_the_result_says(
    seen: Observation, before: Observation | None
) -> None:
    taken = observed(result_of(7, seen, NOW), before, {})

    assert taken == seen
    assert type(taken) is Observation


def test_a_certificate_that_was_read_is_shared() -> None:
    seen = Observation(outcome=Outcome.OPEN, certificate=SHOWN)

    first = observed(result_of(7, seen, NOW), None, {SHOWN.sha256: READ})
    second = observed(result_of(7, seen, NOW), first, {SHOWN.sha256: READ})

    assert first.certificate is READ
    assert second.certificate is READ


def test_a_fingerprint_alone_lends_nobody_the_name_of_another() -> None:
    forged = Certificate(der=b"another leaf", sha256=SHOWN.sha256)
    distrusted = msgspec.structs.replace(SHOWN, chain=Chain.UNTRUSTED)

    for shown in (forged, distrusted):
        seen = Observation(outcome=Outcome.OPEN, certificate=shown)
        assert observed(result_of(7, seen, NOW), None, {SHOWN.sha256: READ}).certificate == shown
