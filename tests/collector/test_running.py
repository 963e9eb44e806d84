"""The probes of a large run are told second by second; no destination gets more than its rate."""

from collections import Counter

import pytest

from collector.estate import Estate
from collector.memory import Changes
from collector.running import Open, starts
from collector.runs import OnDemand, Target
from flows.phases import Phase
from tests.collector.samples import INVENTORY, NOW, at, id_of, in_plan, started

KEYS = {number: (f"pc-{number:03}", "10.1.0.11", "tcp", 443) for number in range(100)}
CHECKS = {key[0]: (number,) for number, key in KEYS.items()}


def test_a_destination_gets_no_more_than_its_rate_each_second() -> None:
    found = starts(CHECKS, KEYS, rate=20.0)

    assert Counter(found.values()) == {0: 20, 1: 20, 2: 20, 3: 20, 4: 20}


def test_destinations_are_counted_apart() -> None:
    keys = {number: (f"pc-{number:03}", f"10.1.0.{number}", "tcp", 443) for number in range(100)}

    assert set(starts(CHECKS, keys, rate=20.0).values()) == {0}


def run_of(estate: Estate) -> OnDemand:
    paths = [*in_plan(estate.plan, src="con-01"), *in_plan(estate.plan, src="con-02")]
    return OnDemand(
        id="A",
        target=Target(phase=Phase.BASELINE),
        created=NOW,
        expires=at(60),
        asked=tuple({id_of(estate, path): None for path in paths}),
    )


def test_a_host_is_told_when_its_turn_has_come() -> None:
    estate = started()
    run = run_of(estate)
    waiting = Open(run, {}, estate._state.assignments)
    assert waiting.is_complete

    waiting = Open(run, estate._state.keys, estate._state.assignments)
    waiting.starts["con-02"] = 3

    assert (waiting.told("con-01", at(0)) is None, waiting.told("con-02", at(2.9))) == (False, None)
    assert waiting.told("con-02", at(3)) is not None
    assert waiting.told("con-03", at(3)) is None
    assert waiting.turn(-1, 0) == {"con-01"}
    assert waiting.turn(0, 3) == {"con-02"}


def test_what_was_prepared_of_a_run_is_taken_when_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    estate = started()
    begun = Changes(runs={"A": run_of(estate)})
    estate.prepare(begun)
    monkeypatch.setattr(Open, "_follow", None)  # it would take long

    estate.apply(begun)

    assert set(estate.state.runs.open["A"].checks) == {"con-01", "con-02"}


def test_what_was_prepared_for_another_plan_is_made_anew() -> None:
    estate = started()
    begun = Changes(runs={"A": run_of(estate)})
    estate.prepare(begun)
    without = INVENTORY.replace("con-02", "con-03")

    estate.apply(estate.decide_inventory(without, "inventory.yaml", at(1))[0])
    estate.apply(begun)

    assert set(estate.state.runs.open["A"].checks) == {"con-01"}
