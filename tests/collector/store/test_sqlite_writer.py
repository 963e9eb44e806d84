import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from collector.store.sqlite_writer import Writer, parts
from collector.store.tables import SOURCES
from collector.store.upserts import Row, upsert


def source(number: int, cells: bytes = b"{}") -> Row:
    return {"host": f"pc-{number:03d}", "cells": cells, "probe": None, "streams": b"[]"}


def stored(file: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT host, cells FROM sources").fetchall())


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(str(CreateTable(SOURCES)))
    with closing(Writer(file)) as writer:
        yield writer


@pytest.mark.parametrize("count", [1, 3, 20, 87, 200])
async def test_sources_are_added_and_replaced_however_many_come(
    writer: Writer, tmp_path: Path, count: int
) -> None:
    rows = [source(number) for number in range(count)]
    later = [source(number, b"{1}") for number in range(0, count, 2)]

    await writer.write([(upsert(SOURCES, "sqlite"), rows)])
    await writer.write([(upsert(SOURCES, "sqlite"), later)])

    expected = {row["host"]: row["cells"] for row in (*rows, *later)}
    assert stored(tmp_path / "some.db") == expected


@given(st.lists(st.integers(), max_size=300))
def test_rows_are_divided_and_none_is_lost(rows: list[int]) -> None:
    assert [one for part in parts(rows) for one in part] == rows


async def test_a_batch_that_fails_leaves_nothing_behind(writer: Writer, tmp_path: Path) -> None:
    nothing = source(1) | {"streams": None}

    with pytest.raises(IntegrityError):
        await writer.write([(upsert(SOURCES, "sqlite"), [source(0), nothing])])
    await writer.write([(upsert(SOURCES, "sqlite"), [source(2)])])

    assert list(stored(tmp_path / "some.db")) == ["pc-002"]


async def test_another_file_in_its_place_is_noticed(writer: Writer, tmp_path: Path) -> None:
    (tmp_path / "other.db").touch()
    (tmp_path / "other.db").rename(tmp_path / "some.db")

    with pytest.raises(OSError, match="another file stands in its place"):
        await writer.write([(upsert(SOURCES, "sqlite"), [source(0)])])
