"""Rows of a run are packed by the thousand, so that nobody waits for hundreds of thousands."""

import zlib

import msgspec
import pytest

from collector.run_rows import lines_of, packed, rows_of
from collector.runs import RunRow
from flows.gates import Count
from flows.outcomes import Outcome
from flows.phases import Expectation


def rows(count: int) -> list[RunRow]:
    return [
        RunRow(
            path=f"agent:pc-{number:06}>ah-01:tcp/443",
            expect=Expectation.SERVE,
            binding=True,
            verdict=Count.BROKEN,
            outcome=Outcome.REFUSED,
            reason="refus\u00e9\nby it",
            answered=True,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_what_was_packed_comes_out_in_its_order(count: int) -> None:
    assert list(rows_of(lines_of(packed(rows(count))))) == rows(count)


def test_a_line_holds_a_thousand_rows_at_most() -> None:
    lines = lines_of(packed(rows(2500)))

    assert [len(msgspec.json.decode(line)) for line in lines] == [1000, 1000, 500]


def test_rows_are_read_when_they_are_needed() -> None:
    first, *_ = lines_of(packed(rows(1001)))

    assert next(rows_of([first, b"no line of rows"])).path == "agent:pc-000000>ah-01:tcp/443"


def test_rows_as_they_were_packed_before_are_read_too() -> None:
    in_one_piece = zlib.compress(msgspec.json.encode(rows(1500)))

    assert list(rows_of(lines_of(in_one_piece))) == rows(1500)
