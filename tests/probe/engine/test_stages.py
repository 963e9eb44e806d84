"""The stopwatch of a check."""

from collections.abc import Callable

import pytest

from flows.outcomes import Stage, StageTimes
from probe.engine.stages import Stages


def test_each_stage_gets_the_whole_deadline_anew(ticking: Callable[[], float]) -> None:
    stages = Stages(ticking, 4.0, Stage.CONNECT)
    assert stages.deadline == 104.0

    stages.enter(Stage.TLS)

    assert stages.now_in is Stage.TLS
    assert stages.deadline == 102.0 + 4.0


def test_the_time_of_a_stage_is_noted_when_it_is_left(ticking: Callable[[], float]) -> None:
    stages = Stages(ticking, 4.0, Stage.CONNECT)

    stages.enter(Stage.TLS)
    stages.stop()

    assert stages.times == StageTimes(connect=1.0, tls=1.0)
    assert stages.seconds == 3.0


def test_a_stage_that_comes_twice_adds_up(ticking: Callable[[], float]) -> None:
    stages = Stages(ticking, 4.0, Stage.CONNECT)

    stages.enter(Stage.CONNECT)
    stages.stop()

    assert stages.times == StageTimes(connect=2.0)


def test_what_is_tidied_up_after_the_stop_does_not_count(ticking: Callable[[], float]) -> None:
    stages = Stages(ticking, 4.0, Stage.CONNECT)
    stages.stop(within_seconds=0.25)

    stages.stop()

    assert stages.seconds == 1.0
    assert stages.times == StageTimes(connect=1.0)
    assert stages.deadline == pytest.approx(102.25)


def test_a_branch_goes_on_from_where_the_name_was_resolved(ticking: Callable[[], float]) -> None:
    resolving = Stages(ticking, 4.0, Stage.RESOLVE)
    resolving.stop()

    one, other = resolving.branch(Stage.CONNECT), resolving.branch(Stage.CONNECT)
    one.stop()

    assert one.times == StageTimes(resolve=1.0, connect=2.0)
    assert other.times == StageTimes(resolve=1.0)
    assert one.seconds == 4.0
