"""An estate for tests of the collector, and a PostgreSQL; the words to tell them are elsewhere."""

from collections.abc import Iterator

import pytest

from collector.estate import Estate
from tests.collector import postgres
from tests.collector.samples import started


@pytest.fixture
def estate() -> Estate:
    """An estate in `baseline` that was never measured."""
    return started()


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """One PostgreSQL for all tests of a worker; its commits need not survive a power cut."""
    with postgres.serving() as running:
        yield running
