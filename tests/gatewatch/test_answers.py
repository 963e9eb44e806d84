"""What the collector writes is what commands read; what it will say besides is left alone."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from collector import views
from collector.api import answering, bodies
from collector.memory import Event, EventKind
from flows.gates import Count, GateState
from flows.hosts import Role
from flows.outcomes import Identity, Observation, Outcome, StageTimes
from flows.phases import Expectation, Phase
from flows.plan import Scope
from flows.verdicts import Verdict
from flows.versions import Source
from gatewatch import answers

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOCKER = bodies.BlockerBody(
    path=None,
    group="hq",
    flow="agent",
    dst="ah-01",
    expect=Expectation.SERVE,
    verdict=Verdict.BROKEN,
    outcome=Outcome.REFUSED,
    reason="refused",
    since=None,
    guide="3.2",
)
GATE = bodies.GateBody(
    phase=Phase.AGENTS,
    state=GateState.NOT_READY,
    done=False,
    counts={Count.OK: 1},
    blockers=[BLOCKER],
    hosts=[bodies.HostProblemBody(host="be-01", problem="version unknown")],
    plan="sha256:1",
    at=NOON,
)
ROW = views.MatrixRow(
    path="a:b>c:tcp/1",
    flow="a",
    src="b",
    dst="c",
    proto="tcp",
    port=1,
    scope=Scope.NETWORK,
    expect=Expectation.PERMIT,
    verdict=views.Shade.WAIVED,
    pending=False,
    suspect=True,
    flapping=False,
    outcome=None,
    identity=Identity.UNVERIFIED,
    reason="why",
    advice=("do",),
    since=NOON,
    observed_at=None,
    silenced=None,
)
HOST = views.HostRow(
    host="be-01",
    address="10.0.0.1",
    roles=(Role.BACKEND,),
    site=None,
    version="2.7.1",
    version_source=Source.SHOWN,
    virtual=False,
    probe=views.ProbeView(
        up=True,
        away=False,
        last_seen=NOON,
        version="0.1.0",
        loop_lag=0.1,
        spooled=0,
        late=0,
        dropped=0,
        durable=True,
        skew=0.0,
    ),
)
SEEN = Observation(
    outcome=Outcome.REJECTED, sender="10.0.0.9", icmp=(3, 13), stages=StageTimes(connect=0.1)
)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (GATE, answers.Gate),
        (bodies.MatrixBody(phase=Phase.AGENTS, plan="x", rows=[ROW]), answers.Matrix),
        (HOST, answers.Host),
        (Event(at=NOON, kind=EventKind.TURN, subject="x", reason="y", id=3), answers.Event),
        (bodies.PhaseBody(phase=Phase.AGENTS, since=NOON), answers.CurrentPhase),
        (bodies.AppliedBody(applied=True, warnings=(), paths_added=("x",)), answers.Applied),
        (bodies.VersionsBody(hosts=["x"], version=None), answers.VersionsSet),
        (SEEN, answers.Seen),
    ],
)
def test_a_body_of_the_collector_is_read_whole(
    body: msgspec.Struct, read: type[msgspec.Struct]
) -> None:
    written = answering.encoded(body)

    understood = msgspec.json.decode(written, type=read)

    assert_part(json.loads(answering.encoded(understood)), json.loads(written))


def assert_part(understood: Any, written: Any) -> None:
    """Demand that what was understood is what was written; what is left out there is a default."""
    match understood:
        case dict():
            shared = understood.keys() & written.keys()
            assert shared or not understood
            for key in shared:
                assert_part(understood[key], written[key])
        case list():
            for one, other in zip(understood, written, strict=True):
                assert_part(one, other)
        case _:
            assert understood == written


def test_words_and_keys_of_a_later_release_are_left_alone() -> None:
    later = b'{"phase":"aftermath","since":"2026-11-23T12:00:00.000Z","mood":"calm"}'

    assert msgspec.json.decode(later, type=answers.CurrentPhase).phase == "aftermath"


def test_a_refused_phase_carries_its_gate_as_it_came() -> None:
    document = b'{"detail":"no","gate":{"state": "NOT_READY"}}'

    refused = msgspec.json.decode(document, type=answers.NotReady)

    assert bytes(refused.gate) == b'{"state": "NOT_READY"}'
    assert bytes(msgspec.json.decode(b"{}", type=answers.NotReady).gate) == b""
