"""Versions compared, and which hosts carry a probe."""

import pytest

from flows.hosts import FIRST_NEW, Host, Role, Version


@pytest.mark.parametrize("text", ["2.6", "2.10", "2.7.1", "2.7.1.0", "0.0", "999999999.1"])
def test_a_version_is_two_to_four_numbers(text: str) -> None:
    assert str(Version(text)) == text


@pytest.mark.parametrize(
    "text", ["2", "2.", ".2", "2.7.1.0.0", "v2.7", "2.7 ", "2.x", "", "\uff12.\uff17"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version such as 2\.7\.1"):
        Version(text)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("2.6", "2.7"), ("2.7", "2.7.1"), ("2.7.1", "2.7.2"), ("2.9", "2.10"), ("2.6.99", "2.7.0.1")],
)
def test_versions_compare_by_their_numbers(older: str, newer: str) -> None:
    assert Version(older) < Version(newer)
    assert Version(newer) >= Version(older)


def test_trailing_zeros_make_no_other_version() -> None:
    assert Version("2.7") == Version("2.7.0")
    assert len({Version("2.7"), Version("2.7.0")}) == 1


def test_a_version_is_no_text() -> None:
    assert Version("2.7") != "2.7"


def test_zero_is_a_version() -> None:
    assert Version("0.0") < Version("0.1")


@pytest.mark.parametrize(
    ("text", "new"),
    [("2.6", False), ("2.7", False), ("2.7.0.9", False), ("2.7.1", True), ("2.7.1.1", True)],
)
def test_new_is_2_7_1_or_higher(text: str, new: bool) -> None:
    assert Version(text).is_new is new
    assert FIRST_NEW.is_new


PROBED = {Role.BACKEND, Role.AGENT_HANDLER, Role.CONSOLE, Role.AGENT, Role.API_CLIENT}


@pytest.mark.parametrize("role", Role)
def test_five_roles_carry_a_probe(role: Role) -> None:
    host = Host("a", "10.0.0.1", frozenset({role}))

    assert host.has_probe is (role in PROBED)


def test_a_virtual_host_carries_none() -> None:
    assert not Host("a", "10.0.0.1", frozenset({Role.BACKEND}), virtual=True).has_probe


@pytest.mark.parametrize(
    ("roles", "plain"),
    [
        ({Role.AGENT}, True),
        ({Role.AGENT, Role.SYSLOG_SERVER}, True),
        ({Role.AGENT, Role.CONSOLE}, False),
        ({Role.CONSOLE}, False),
        (set(), False),
    ],
)
def test_only_what_is_a_source_as_nothing_but_an_agent_is_a_plain_one(
    roles: set[Role], plain: bool
) -> None:
    assert Host("a", "10.0.0.1", frozenset(roles)).is_plain_agent is plain
