import itertools

import pytest

from collector.memory import CheckKey, Shown
from collector.shown import Signs, overturned, undeclared, versions_shown
from flows.cells import Cell, observe
from flows.hosts import Version
from flows.inventory_reading import read_inventory
from flows.outcomes import Observation
from tests.collector.samples import FILTERED, GRPC, HTTPS, INVENTORY, REFUSED, at

ESTATE = read_inventory(INVENTORY, "inventory.yaml")
SIGNS = Signs(ESTATE)
BACKEND_NEW: CheckKey = ("con-01", "10.1.0.11", "tcp", 8443)
SHARED: CheckKey = ("pc-001", "10.1.0.11", "tcp", 443)
HANDLER: CheckKey = ("pc-001", "10.1.0.12", "tcp", 443)
SEPARATE: CheckKey = ("con-01", "be-02.acme.example", "tcp", 8443)


def cell(observation: Observation, *seconds: float) -> Cell:
    seen = None
    for second in seconds:
        seen = observe(seen, observation, at(second))
    assert seen is not None
    return seen


def new(seconds: float) -> Shown:
    return Shown(new=True, at=at(seconds))


def old(seconds: float) -> Shown:
    return Shown(new=False, at=at(seconds))


def test_a_backend_shows_itself_new_by_https_on_its_new_port() -> None:
    assert SIGNS.read({BACKEND_NEW: cell(HTTPS, 0, 15)}, {}) == {"be-01": new(0)}


@pytest.mark.parametrize(("key", "host"), [(SHARED, "be-01"), (HANDLER, "ah-02")])
def test_a_handler_shows_itself_new_by_grpc(key: CheckKey, host: str) -> None:
    assert SIGNS.read({key: cell(GRPC, 0, 60)}, {}) == {host: new(0)}


def test_one_observation_shows_nothing() -> None:
    assert SIGNS.read({BACKEND_NEW: cell(HTTPS, 0)}, {}) == {}


@pytest.mark.parametrize("observation", [REFUSED, FILTERED, GRPC])
def test_what_is_no_https_on_the_new_port_shows_nothing(observation: Observation) -> None:
    assert SIGNS.read({BACKEND_NEW: cell(observation, 0, 15)}, {}) == {}


def test_a_separate_backend_shows_nothing_by_its_ports() -> None:
    assert SIGNS.read({SEPARATE: cell(HTTPS, 0, 15)}, {}) == {}


def test_a_balanced_address_shows_nothing_of_its_own() -> None:
    text = INVENTORY.replace(
        "  ah-02:",
        "  ses: {address: 10.1.0.10, roles: [backend], virtual: true, members: [be-01]}\n  ah-02:",
    )
    signs = Signs(read_inventory(text, "inventory.yaml"))

    assert signs.read({("con-01", "10.1.0.10", "tcp", 8443): cell(HTTPS, 0, 15)}, {}) == {}


def test_the_old_backend_that_answers_again_shows_the_old_release() -> None:
    assert SIGNS.read({SHARED: cell(HTTPS, 100, 160)}, {"be-01": new(0)}) == {"be-01": old(100)}


def test_an_old_backend_that_goes_on_answering_says_nothing_against_the_new_one() -> None:
    assert SIGNS.read({SHARED: cell(HTTPS, -60, 0, 60, 120)}, {"be-01": new(0)}) == {}


def test_silence_says_nothing_against_what_was_shown() -> None:
    assert SIGNS.read({BACKEND_NEW: cell(REFUSED, 100, 115)}, {"be-01": new(0)}) == {}


def test_evidence_that_comes_late_does_not_overturn_later_evidence() -> None:
    assert SIGNS.read({SHARED: cell(HTTPS, 10, 70)}, {"be-01": new(30)}) == {}


def test_the_order_of_evidence_does_not_matter() -> None:
    evidence = [
        {BACKEND_NEW: cell(HTTPS, 0, 15)},
        {SHARED: cell(HTTPS, 30, 90)},
        {("con-02", *BACKEND_NEW[1:]): cell(HTTPS, 40, 55)},
        {("pc-002", *SHARED[1:]): cell(HTTPS, 40, 100)},
    ]

    ends: list[dict[str, Shown]] = []
    for order in itertools.permutations(evidence):
        known: dict[str, Shown] = {}
        for cells in order:
            known.update(SIGNS.read(cells, known))
        ends.append(known)

    assert ends == [{"be-01": new(40)}] * len(ends)


def test_only_what_is_shown_otherwise_than_before_is_overturned() -> None:
    found = {"a": new(1), "b": old(1), "c": new(2), "d": old(2)}

    assert overturned(found, {"c": new(0), "d": new(0)}) == ["a", "d"]


def test_a_host_that_shows_the_new_release_counts_as_the_first_of_it() -> None:
    assert versions_shown({"a": new(0), "b": old(0)}) == {"a": Version("2.7.1")}


def test_what_is_shown_counts_only_where_nobody_said_a_version() -> None:
    text = INVENTORY.replace("ah-02: {", 'ah-02: {version: "2.6", ')
    stated = read_inventory(text, "inventory.yaml")

    assert undeclared(["be-01"], stated, {})
    assert not undeclared(["ah-02"], stated, {})
    assert not undeclared(["be-01"], stated, {"be-01": Version("2.6")})
    assert not undeclared(["gone"], stated, {})
    assert not undeclared([], stated, {})
