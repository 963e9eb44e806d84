"""An estate for tests of the collector; the words to tell it things are in `samples`."""

import pytest

from collector.estate import Estate
from tests.collector.samples import started


@pytest.fixture
def estate() -> Estate:
    """An estate in `baseline` that was never measured."""
    return started()
