"""A hundred firewalls drawn by lot, and not one wrong outcome among them."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from flows.outcomes import Outcome
from tests.lab.lab import Lab
from tests.lab.rule_sets import Truth, checks, draw, truth

pytestmark = pytest.mark.needs("ip", "nft")

SEEDS = range(100)
LABS = 4
"""They mostly wait for silence to end, each for its own."""


def mistakes(seeds: range) -> list[str]:
    """Measure each draw in a lab of its own and tell what was seen and is not true."""
    with Lab() as lab:
        return [mistake for seed in seeds for mistake in mistakes_of(lab, seed)]


def mistakes_of(lab: Lab, seed: int) -> Iterator[str]:
    estate = draw(seed)
    observations = lab.measure(estate.task())
    for check, seen in zip(checks(), observations, strict=True):
        if not (true := truth(estate, check)).is_seen(seen):
            yield f"seed {seed}, {check.proto} {check.address} {check.port}: {seen}, not {true}"


def test_no_outcome_is_wrong_whatever_the_rules() -> None:
    with ThreadPoolExecutor(LABS) as labs:
        found = [
            mistake
            for some in labs.map(mistakes, (SEEDS[start::LABS] for start in range(LABS)))
            for mistake in some
        ]

    assert not "\n".join(found)


def test_the_lots_leave_out_nothing_that_rules_can_do() -> None:
    truths: Counter[Truth] = Counter(
        truth(estate, check) for estate in map(draw, SEEDS) for check in checks()
    )

    assert {one.outcome for one in truths} == {
        Outcome.OPEN,
        Outcome.REFUSED,
        Outcome.REJECTED,
        Outcome.FILTERED,
        Outcome.DENIED,
        Outcome.ANSWERED,
        Outcome.SILENT,
    }
    assert min(truths.values()) >= 3
