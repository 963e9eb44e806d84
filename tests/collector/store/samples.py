"""What an estate would write: one of everything."""

from datetime import UTC, datetime, timedelta

from collector.memory import (
    Changes,
    CheckKey,
    Event,
    EventKind,
    InventoryText,
    PhaseSet,
    ProbeSeen,
    Reach,
    Shown,
    Silence,
    SilencedBy,
    Unheard,
)
from collector.run_rows import packed
from collector.runs import OnDemand, RunRow, RunState, Target
from flows.cells import Cell, observe
from flows.gates import Count
from flows.hosts import Version
from flows.messages import Facts
from flows.outcomes import AnsweredBy, Certificate, Observation, Outcome, Stage, StageTimes
from flows.phases import Expectation, Phase

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
PATH = "agent:pc-001>ah-01:tcp/443"
KEY: CheckKey = ("pc-001", "10.1.0.12", "tcp", 443)
OTHER: CheckKey = ("pc-001", "2001:db8::1", "tcp", 17000)


RUNNING = OnDemand(
    id="01RUNNING",
    target=Target(phase=Phase.PREPARE, flow=("agent*",)),
    created=NOON,
    expires=LATER,
    by="127.0.0.1",
    asked=(1, 2),
    checks=2,
)
OVER = OnDemand(
    id="01OVER",
    target=Target(phase=Phase.BASELINE),
    created=NOON,
    expires=LATER,
    state=RunState.EXPIRED,
    ended=LATER,
    checks=1,
    silent=("pc-001",),
    silent_probes=1,
    counts={Count.UNPROVEN: 1},
)
ROW = RunRow(
    path=PATH,
    expect=Expectation.SERVE,
    binding=True,
    verdict=Count.UNPROVEN,
    outcome=Outcome.FILTERED,
    reason="é",
    answered=False,
)


def seen(outcome: Outcome = Outcome.OPEN) -> Observation:
    return Observation(
        outcome=outcome,
        stage=Stage.PROTOCOL,
        answered_by=AnsweredBy.GRPC,
        address="10.1.0.12",
        icmp=(3, 13),
        stages=StageTimes(connect=0.001),
        certificate=Certificate(der=b"\x30\x00\xff", sha256="ab12", not_after=LATER),
    )


def cell(at: datetime = NOON, outcome: Outcome = Outcome.OPEN) -> Cell:
    first = observe(None, seen(outcome), at - timedelta(seconds=1))
    return observe(first, seen(Outcome.FILTERED), at)


def happened(subject: str = PATH, kind: EventKind = EventKind.TURN, at: datetime = NOON) -> Event:
    return Event(
        at=at, kind=kind, subject=subject, reason="it refused", before="ok", after="broken"
    )


def everything() -> Changes:
    """Fill every field that is kept."""
    return Changes(
        cells={KEY: cell(), OTHER: cell()},
        events=(happened(),),
        reached=frozenset({(Phase.PREPARE, PATH), (Phase.COMPLETE, "agent:hq/*>ah-01")}),
        check_ids={KEY: 1, OTHER: 2},
        probes={"pc-001": ProbeSeen(last_seen=NOON, version="0.1.0", facts=Facts(os="windows"))},
        unheard={"pc-001": Unheard(since=NOON, back=LATER, maintained=True)},
        phase=PhaseSet(phase=Phase.BASELINE, since=NOON),
        versions={"be-01": Version("2.7.1"), "be-02": Version("2.6")},
        shown={"ah-01": Shown(new=True, at=NOON)},
        breaks={KEY: NOON, OTHER: LATER},
        silences={
            "1a2b3c4d": Silence(
                kind=SilencedBy.WAIVER, glob="sql:*", reason="é", until=LATER, by="10.0.0.1"
            ),
            "5e6f7a8b": Silence(
                kind=SilencedBy.MAINTENANCE,
                reach=Reach.SITES,
                glob="dc1",
                reason="new disks",
                begins=NOON,
                until=LATER,
            ),
        },
        runs={"01RUNNING": RUNNING, "01OVER": OVER},
        answers=frozenset({("01RUNNING", 1)}),
        run_rows={"01OVER": packed([ROW])},
        inventory=InventoryText(text="hosts: {é}\n", name="inventory.yaml"),
    )
