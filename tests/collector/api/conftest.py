"""A collector on loopback, with the estate of `samples`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.collector.serving import Caller, calling, settings_in


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path)) as caller:
        yield caller
