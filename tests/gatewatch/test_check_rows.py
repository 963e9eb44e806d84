import json

import msgspec
import pytest

from flows.expansion import expand
from flows.hosts import Claim
from flows.inventory_reading import read_inventory
from flows.judging import judge_path
from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Stage, StageTimes
from flows.phases import Expectation
from flows.plan import Path
from gatewatch.check_rows import WAIVED, judged_row, row_of, unjudged_row
from gatewatch.controls import CONTROL
from tests.gatewatch.running import DESIGN

EXAMPLE = {
    "path": "console-backend:con-01>ses:tcp/443",
    "flow": "console-backend",
    "src": "con-01",
    "dst": "ses",
    "proto": "tcp",
    "port": 443,
    "outcome": "rejected",
    "identity": None,
    "answered_by": None,
    "stage": "connect",
    "detail": "administratively prohibited",
    "from": "10.1.255.1",
    "icmp": [3, 13],
    "address": "10.1.0.10",
    "addresses": [{"address": "10.1.0.10", "outcome": "rejected"}],
    "seconds": 0.0021,
    "stages": {"resolve": 0.0002, "connect": 0.0019},
    "rtt_seconds": None,
    "syn_retransmits": 0,
    "certificate": None,
    "verdict": "broken",
    "reason": "10.1.255.1, a router on the way, rejected it: administratively prohibited",
    "advice": [],
}
"""The example of FORMATS, `check`."""
REJECTED = Observation(
    outcome=Outcome.REJECTED,
    stage=Stage.CONNECT,
    detail="administratively prohibited",
    sender="10.1.255.1",
    icmp=(3, 13),
    address="10.1.0.10",
    seconds=0.0021000001,
    stages=StageTimes(resolve=0.0002, connect=0.0019),
)


@pytest.fixture
def path() -> Path:
    plan = expand(read_inventory(DESIGN.read_text(encoding="utf-8"), "design.yaml"))
    return plan.paths["console-backend:con-01>ses:tcp/443"]


def written(row: object) -> dict[str, object]:
    """Write a row and read it as anybody would; the order of the keys counts."""
    read: dict[str, object] = json.loads(msgspec.json.encode(row))
    return read


def test_a_judged_row_is_the_example_of_the_contract(path: Path) -> None:
    judged = judge_path(path, Expectation.SERVE, REJECTED)

    row = written(judged_row(judged, REJECTED, None))

    assert row == EXAMPLE
    assert list(row) == list(EXAMPLE)


def test_without_a_phase_there_is_no_verdict_reason_or_advice(path: Path) -> None:
    row = written(row_of(path, REJECTED, None))

    assert row == {
        key: value for key, value in EXAMPLE.items() if key not in {"verdict", "reason", "advice"}
    }


def test_what_a_waiver_covers_says_so(path: Path) -> None:
    judged = judge_path(path, Expectation.SERVE, REJECTED)

    row = written(judged_row(judged, REJECTED, "waived until 2027-01-31: later"))

    assert (row["verdict"], row["advice"]) == (WAIVED, ["waived until 2027-01-31: later"])


def test_the_address_with_the_worst_verdict_speaks_and_all_are_listed(path: Path) -> None:
    open_ = Observation(outcome=Outcome.OPEN, address="10.1.0.10", answered_by=AnsweredBy.HTTPS)
    refused = Observation(outcome=Outcome.REFUSED, address="10.1.0.11")
    both = msgspec.structs.replace(refused, addresses=(open_, refused))
    judged = judge_path(path, Expectation.CLOSED, both)

    row = written(judged_row(judged, both, None))

    assert (row["address"], row["outcome"], row["verdict"]) == ("10.1.0.10", "open", "broken")
    assert row["addresses"] == [
        {"address": "10.1.0.10", "outcome": "open"},
        {"address": "10.1.0.11", "outcome": "refused"},
    ]


def test_a_name_that_does_not_resolve_has_no_address(path: Path) -> None:
    row = written(row_of(path, Observation(outcome=Outcome.UNRESOLVED), None))

    assert (row["address"], row["addresses"], row["detail"]) == (None, [], None)


def test_identity_follows_the_claim_of_the_inventory(path: Path) -> None:
    seen = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, server="nginx")

    assert row_of(path, seen, None).identity is Identity.UNVERIFIED
    assert row_of(path, seen, Claim(server="nginx*")).identity is Identity.VERIFIED


def test_a_control_says_that_it_is_one_and_is_not_judged(path: Path) -> None:
    control = msgspec.structs.replace(path, flow=CONTROL)

    plain = written(row_of(control, REJECTED, None))
    judged = written(unjudged_row(control, REJECTED))

    assert plain["control"] is True
    assert "verdict" not in plain
    assert (judged["control"], judged["verdict"], judged["advice"]) == (True, None, [])
