"""The lab that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.lab.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A router with a network on either side of it, built once."""
    with Lab() as built:
        yield built
