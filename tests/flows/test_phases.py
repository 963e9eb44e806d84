"""Phases in their order, and expectations by their strength (DESIGN 3)."""

from itertools import combinations

import pytest

from flows.phases import PHASES, Expectation, Phase, strongest


def test_phases_follow_each_other() -> None:
    assert [str(phase) for phase in PHASES] == [
        "baseline",
        "prepare",
        "backoffice",
        "agents",
        "complete",
    ]


def test_a_phase_knows_the_one_before() -> None:
    assert [phase.before for phase in PHASES] == [None, *PHASES[:-1]]
    assert Phase.PREPARE.before is Phase.BASELINE


def test_the_stronger_of_two_expectations_holds() -> None:
    order = ["serve", "permit", "closed", "advised", "retired"]

    for stronger, weaker in combinations(map(Expectation, order), 2):
        assert strongest(stronger, weaker) is stronger
        assert strongest(weaker, stronger) is stronger
        assert strongest(weaker, weaker) is weaker


@pytest.mark.parametrize("expectation", Expectation)
def test_serve_permit_and_closed_bind(expectation: Expectation) -> None:
    assert expectation.binding is (expectation in {"serve", "permit", "closed"})
