"""A store in a file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collector.store.sqlite import url_of
from collector.store.store import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gatewatch.db"


@pytest.fixture
def url(file: Path) -> str:
    return url_of(file)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store.open(url) as opened:
        yield opened
