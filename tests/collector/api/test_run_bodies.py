"""What is asked for becomes a target; what is equal becomes an equal one."""

import msgspec
import pytest

from collector.api.run_bodies import RunOrder, run_progress
from collector.runs import Target
from flows.phases import Phase
from tests.collector.store.samples import OVER


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("{}", Target(phase=Phase.AGENTS)),
        ('{"phase": "prepare", "flow": ["a"]}', Target(phase=Phase.PREPARE, flow=("a",))),
        ('{"src": ["b", "a", "b"]}', Target(phase=Phase.AGENTS, src=("a", "b"))),
    ],
)
def test_an_order_names_a_target(said: str, target: Target) -> None:
    assert msgspec.json.decode(said, type=RunOrder).target(Phase.AGENTS) == target


@pytest.mark.parametrize(
    "said", ['{"flow": "a"}', '{"flow": [""]}', '{"flow": 1}', '{"flo": ["a"]}']
)
def test_what_is_no_pattern_is_refused(said: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(said, type=RunOrder)


def test_progress_says_no_more_than_how_far_a_run_is() -> None:
    progress = run_progress(OVER)

    assert (progress.id, progress.state, progress.checks, progress.done) == (
        "01OVER",
        "expired",
        1,
        0,
    )
