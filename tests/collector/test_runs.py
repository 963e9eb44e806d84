"""Ids of runs sort by time, patterns pick paths, and runs keep to a rate."""

from datetime import timedelta

import pytest

from collector.runs import MOST_A_MINUTE, Target, run_id, wait_before_another
from flows.phases import Phase
from tests.collector.samples import CONSOLE, NOW, at, started

CHANCE = bytes(range(10))


def test_an_id_is_a_ulid() -> None:
    assert run_id(NOW, CHANCE) == "01M844DZG0000G40R40M30E209"


def test_ids_sort_by_time_and_differ_by_chance() -> None:
    ids = [run_id(at(0), b"\xff" * 10), run_id(at(0.001), bytes(10)), run_id(at(60), bytes(10))]

    assert ids == sorted(ids)
    assert run_id(NOW, CHANCE) != run_id(NOW, CHANCE[::-1])


@pytest.mark.parametrize(
    ("target", "matches"),
    [
        (Target(phase=Phase.BASELINE), True),
        (Target(phase=Phase.BASELINE, flow=("console-*",), src=("con-01",), dst=("be-0?",)), True),
        (Target(phase=Phase.BASELINE, src=("pc-*", "con-*")), True),
        (Target(phase=Phase.BASELINE, src=("CON-01",)), False),
        (Target(phase=Phase.BASELINE, flow=("console",)), False),
        (Target(phase=Phase.BASELINE, src=("con-*",), dst=("con-*",)), False),
    ],
)
def test_what_is_meant_matches_all_patterns(target: Target, matches: bool) -> None:
    path = started().plan.paths[CONSOLE]

    assert target.matcher()(path) is matches


def test_only_so_many_runs_begin_within_a_minute() -> None:
    begun = [NOW + timedelta(seconds=number) for number in range(MOST_A_MINUTE)]

    assert wait_before_another(begun[1:], at(10)) == 0
    assert wait_before_another(begun, at(10)) == 51
    assert wait_before_another(begun, at(59.5)) == 1
    assert wait_before_another(begun, at(60)) == 0
