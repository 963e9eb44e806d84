"""Names are labels of DNS."""

import pytest

from flows.names import NAME


@pytest.mark.parametrize("name", ["a", "pc-001", "BE-01", "0", "a" * 63])
def test_labels_are_names(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "a.b", "a_b", "é", "a" * 64, "a\n"])
def test_nothing_else_is(name: str) -> None:
    assert NAME.fullmatch(name) is None
