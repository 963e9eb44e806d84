from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.certificates import read
from collector.observing import observed, shared
from flows.cells import Cell
from flows.outcomes import (
    AnsweredBy,
    Certificate,
    Chain,
    Observation,
    Outcome,
    Stage,
    StageTimes,
)
from tests.collector.samples import NOW, result_of
from tests.fakes.certificates import der

SHOWN = Certificate(der=b"a leaf", sha256=sha256(b"a leaf").hexdigest())

OTHERWISE: dict[str, Any] = {
    "outcome": Outcome.RESET,
    "stage": Stage.TLS,
    "detail": "in other words",
    "answered_by": AnsweredBy.HTTPS,
    "address": "10.1.0.12",
    "sender": "10.1.0.1",
    "icmp": (3, 13),
    "routed": False,
    "addresses": (Observation(outcome=Outcome.OPEN), Observation(outcome=Outcome.RESET)),
    "seconds": 0.5,
    "stages": StageTimes(connect=0.1),
    "rtt_seconds": 0.1,
    "syn_retransmits": 1,
    "late_seconds": 0.2,
    "alpn": "h2",
    "tls_version": "TLSv1.3",
    "server": "nginx",
    "status": 404,
    "product": "15.0.2000",
    "client_certificate": True,
    "ports": {"SES": 1433},
    "certificate": SHOWN,
}
"""Another value for each field of an observation."""

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


@pytest.mark.parametrize("field", Observation.__struct_fields__)
def test_whatever_a_result_says_otherwise_is_taken(field: str) -> None:
    before = Observation(outcome=Outcome.OPEN)
    seen = msgspec.structs.replace(before, **{field: OTHERWISE[field]})

    assert observed(result_of(7, seen, NOW), before) == seen
    assert observed(result_of(7, before, NOW), seen) == before


def test_a_certificate_that_was_read_is_shared() -> None:
    seen = Observation(outcome=Outcome.OPEN, certificate=SHOWN)

    first = observed(result_of(7, seen, NOW), None)
    again = msgspec.json.decode(msgspec.json.encode(seen), type=Observation)
    second = observed(result_of(7, again, NOW), first)

    assert first.certificate is second.certificate


def test_cells_that_were_kept_elsewhere_share_words_and_certificates() -> None:
    leaf = der()
    shown = Certificate(der=leaf, sha256=sha256(leaf).hexdigest())
    one = Observation(outcome=Outcome.OPEN, address="10.1.0.12", certificate=shown)
    cell = Cell(confirmed=one, candidate=one, before_fault=one, since=NOW, observed_at=NOW)
    copies = [msgspec.json.decode(msgspec.json.encode(cell), type=Cell) for _ in range(2)]

    first, second = map(shared, copies)

    assert first.confirmed.address is second.confirmed.address
    assert first.confirmed.certificate is second.confirmed.certificate
    for seen in (first.confirmed, first.candidate, first.before_fault):
        assert seen == msgspec.structs.replace(one, certificate=read(shown))


def test_a_fingerprint_alone_lends_nobody_the_name_of_another() -> None:
    read(SHOWN)
    forged = Certificate(der=b"another leaf", sha256=SHOWN.sha256)
    distrusted = msgspec.structs.replace(SHOWN, chain=Chain.UNTRUSTED)

    for shown in (forged, distrusted):
        seen = Observation(outcome=Outcome.OPEN, certificate=shown)
        assert observed(result_of(7, seen, NOW), None).certificate == shown
