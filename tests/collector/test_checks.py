"""Whose a check is, for as long as anybody may report it."""

from collector.checks import flows, foreign
from tests.collector.samples import state_of

KEY = ("con-01", "10.1.0.11", "tcp", 443)
OTHER = ("con-02", "10.1.0.11", "tcp", 443)
AGENT = ("pc-001", "10.1.0.12", "tcp", 443)
GONE = ("con-01", "192.0.2.1", "tcp", 443)
STATE = state_of(check_ids={KEY: 1, OTHER: 2, AGENT: 3, GONE: 7})


def test_checks_of_the_host_are_not_foreign() -> None:
    assert foreign(STATE, "con-01", [1, 1]) is None


def test_the_first_foreign_check_is_named() -> None:
    assert foreign(STATE, "con-01", [1, 2, 3]) == 2


def test_a_check_that_never_was_is_foreign() -> None:
    assert foreign(STATE, "con-01", [99]) == 99


def test_a_check_that_left_the_plan_is_still_its_hosts() -> None:
    assert foreign(STATE, "con-01", [7]) is None
    assert list(flows(STATE, 7)) == []


def test_every_flow_that_shares_a_check_is_listed() -> None:
    assert list(flows(STATE, 3)) == ["agent"]
    assert list(flows(STATE, 4)) == []
