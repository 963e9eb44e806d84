"""The spool outlives its probe, the power and a full disk; and never lies about a number."""

import logging
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.messages import Result
from flows.outcomes import Outcome
from probe.keeping import Keeper
from probe.spool import Batch, Spool
from probe.spool_file import NAME, SpoolFile
from probe.wire.journal import read_records

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = 3600.0


def a_result(check: int, outcome: Outcome = Outcome.OPEN) -> Result:
    return Result(check=check, at=NOON + timedelta(seconds=check), outcome=outcome)


def spool(stream: str = "first") -> Spool:
    return Spool(1 << 20, HOUR, stream)


def checks(results: tuple[bytes, ...]) -> list[int]:
    return [int(one.partition(b'"check":')[2].partition(b",")[0]) for one in results]


def drained(found: Spool) -> list[tuple[str, int, list[int]]]:
    """Take all batches, as a reporter whose collector is back."""
    batches: list[tuple[str, int, list[int]]] = []
    while (batch := found.batch(NOON)) is not None:
        batches.append((batch.stream, batch.seq, checks(batch.results)))
        found.settle(batch)
    return batches


async def test_results_wait_on_the_disk_for_the_next_start(tmp_path: Path) -> None:
    first = Keeper(spool(), SpoolFile(tmp_path))
    first.begin()
    first.spool.put([a_result(1), a_result(2)], news=False)
    first.spool.put([a_result(3)], news=True)
    await first.save()
    first.close()

    second = Keeper(spool("second"), SpoolFile(tmp_path))
    second.begin()

    assert drained(second.spool) == [("second", 1, [1, 2, 3])]
    second.close()


async def test_a_batch_that_was_sent_stays_what_it_was(tmp_path: Path) -> None:
    first = Keeper(spool(), SpoolFile(tmp_path))
    first.begin()
    first.spool.put([a_result(1)], news=False)
    sent = first.spool.batch(NOON)
    first.spool.put([a_result(2)], news=False)
    await first.save()
    first.close()

    second = Keeper(spool("second"), SpoolFile(tmp_path))
    second.begin()

    assert isinstance(sent, Batch)
    assert second.spool.batch(NOON) == sent
    assert drained(second.spool) == [("first", 1, [1]), ("second", 1, [2])]
    second.close()


async def test_what_was_settled_is_gone_and_the_file_does_not_grow(tmp_path: Path) -> None:
    keeper = Keeper(spool(), SpoolFile(tmp_path))
    keeper.begin()
    for number in range(200):
        keeper.spool.put([a_result(number)] * 100, news=False)
        batch = keeper.spool.batch(NOON)
        await keeper.save()
        assert batch is not None
        keeper.spool.settle(batch)
    await keeper.save()

    assert keeper.file.size < 2 << 20
    keeper.close()
    again = Keeper(spool(), SpoolFile(tmp_path))
    again.begin()
    assert len(again.spool) == 0
    again.close()


async def test_drops_are_counted_over_restarts(tmp_path: Path) -> None:
    first = Keeper(Spool(300, HOUR, "first"), SpoolFile(tmp_path))
    first.begin()
    first.spool.put([a_result(number) for number in range(50)], news=False)
    await first.save()
    first.close()

    second = Keeper(spool("second"), SpoolFile(tmp_path))
    second.begin()

    assert second.spool.dropped == first.spool.dropped > 0
    assert len(second.spool) == 50 - first.spool.dropped
    second.close()


async def test_a_disk_that_takes_nothing_is_said_once_and_recovered_from(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    folder.write_text("a file where the folder should be")
    keeper = Keeper(spool(), SpoolFile(folder))
    with caplog.at_level(logging.WARNING, "probe.keeping"):
        keeper.begin()
        keeper.spool.put([a_result(1)], news=True)
        await keeper.save()
        await keeper.save()
        durable_meanwhile = keeper.is_durable
        folder.unlink()
        await keeper.save()

    assert (durable_meanwhile, keeper.is_durable) == (False, True)
    said = [one.message for one in caplog.records if one.name == "probe.keeping"]
    assert len(said) == 1
    assert said[0].startswith("Results are kept in memory alone, the disk takes none: ")
    keeper.close()
    again = Keeper(spool("again"), SpoolFile(folder))
    again.begin()
    assert drained(again.spool) == [("again", 1, [1])]
    again.close()


def story() -> Iterator[tuple[bytes, set[int], set[tuple[str, int]]]]:
    """Play a spool's life; gives the file after each save, with what must be in it then."""
    chance, kept = random.Random(20261127), spool()
    file = b""
    waiting: set[int] = set()
    number = 0
    under_way: Batch | None = None
    for _ in range(60):
        match chance.choice(["put", "put", "batch", "settle"]):
            case "put":
                results = [a_result(number + one) for one in range(chance.randint(1, 3))]
                number += len(results)
                waiting |= {one.check for one in results}
                kept.put(results, news=chance.random() < 0.3)
            case "batch":
                under_way = kept.batch(NOON)
            case _:
                if under_way is not None:
                    kept.settle(under_way)
                    waiting -= set(checks(under_way.results))
                    under_way = None
        file += kept.unsaved()
        numbers = {(under_way.stream, under_way.seq)} if under_way else set()
        yield file, set(waiting), numbers


def test_a_power_cut_at_any_byte_loses_nothing_that_was_saved() -> None:
    steps = list(story())
    saved: tuple[bytes, set[int], set[tuple[str, int]]] = (b"", set(), set())
    for step in steps:
        for cut in range(len(saved[0]), len(step[0])):
            torn = spool("after")
            torn.take_over(step[0][:cut])
            found = {one for _, _, numbers in drained(torn) for one in numbers}
            # What this save would have added or settled may be there or not; the rest must be.
            assert saved[1] & step[1] <= found <= saved[1] | step[1]
        saved = step


def test_a_number_never_stands_for_two_things() -> None:
    contents: dict[tuple[str, int], list[int]] = {}
    for file, _, _ in story():
        again = spool("after")
        again.take_over(file)
        for stream, seq, numbers in drained(again):
            if stream == "first":
                assert contents.setdefault((stream, seq), numbers) == numbers


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damage_anywhere_is_survived(data: st.DataObject) -> None:
    *_, (file, _, _) = story()
    content = bytearray(file)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))

    damaged = spool("after")
    damaged.take_over(bytes(content))

    numbers = [one for _, _, batch in drained(damaged) for one in batch]
    assert len(numbers) == len(set(numbers))


async def test_a_damaged_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = Keeper(spool(), SpoolFile(tmp_path))
    first.begin()
    first.spool.put([a_result(1), a_result(2), a_result(3)], news=True)
    await first.save()
    first.close()
    content = bytearray((tmp_path / NAME).read_bytes())
    second_record = len(content) - len(content) // 2
    content[second_record] ^= 0xFF
    (tmp_path / NAME).write_bytes(content)
    assert read_records(bytes(content)).damaged == 1

    again = Keeper(spool("again"), SpoolFile(tmp_path))
    with caplog.at_level(logging.WARNING, "probe.keeping"):
        again.begin()

    assert [one.message for one in caplog.records if one.name == "probe.keeping"] == [
        "The spool was damaged in 1 places; what stood there is lost."
    ]
    assert len(again.spool) == 2
    again.close()
