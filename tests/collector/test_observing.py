from hashlib import sha256

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from collector.certificates import read
from collector.observing import observed
from flows.outcomes import AnsweredBy, Certificate, Chain, Observation, Outcome, StageTimes
from tests.collector.samples import NOW, result_of

SHOWN = Certificate(der=b"a leaf", sha256=sha256(b"a leaf").hexdigest())

seconds = st.floats(0, 9)
observations = st.builds(
    Observation,
    outcome=st.sampled_from(Outcome),
    detail=st.sampled_from(["", "as expected"]),
    answered_by=st.sampled_from([None, AnsweredBy.HTTPS]),
    icmp=st.sampled_from([None, (3, 13)]),
    addresses=st.sampled_from([(), (Observation(outcome=Outcome.OPEN),)]),
    seconds=seconds,
    stages=st.builds(StageTimes, connect=st.none() | seconds, tls=st.none() | seconds),
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
    taken = observed(result_of(7, seen, NOW), before)

    assert taken == seen
    assert type(taken) is Observation


def test_a_certificate_that_was_read_is_shared() -> None:
    seen = Observation(outcome=Outcome.OPEN, certificate=SHOWN)

    first = observed(result_of(7, seen, NOW), None)
    again = msgspec.json.decode(msgspec.json.encode(seen), type=Observation)
    second = observed(result_of(7, again, NOW), first)

    assert first.certificate is second.certificate


def test_a_fingerprint_alone_lends_nobody_the_name_of_another() -> None:
    read(SHOWN)
    forged = Certificate(der=b"another leaf", sha256=SHOWN.sha256)
    distrusted = msgspec.structs.replace(SHOWN, chain=Chain.UNTRUSTED)

    for shown in (forged, distrusted):
        seen = Observation(outcome=Outcome.OPEN, certificate=shown)
        assert observed(result_of(7, seen, NOW), None).certificate == shown
