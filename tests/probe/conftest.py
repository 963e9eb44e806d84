"""What several tests of the probe share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def own_root_logger() -> Iterator[None]:
    """Let a test set up the log of this process, which is pytest's again afterwards."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
