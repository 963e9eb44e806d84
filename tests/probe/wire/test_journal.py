"""Records stand for themselves: what was cut off or damaged takes no other with it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from probe.wire.journal import MARK, Kind, Record, read_records, written

RECORDS = st.lists(
    st.builds(
        Record,
        st.sampled_from(Kind),
        st.text(st.characters(codec="utf-8"), max_size=30).map(
            lambda said: json.dumps(said, ensure_ascii=False).encode()
        ),
    ),
    max_size=8,
)


def file_of(records: list[Record]) -> bytes:
    return b"".join(written(*record) for record in records)


@given(RECORDS)
def test_what_is_written_is_read(records: list[Record]) -> None:
    content = file_of(records)

    assert read_records(content) == (records, 0, len(content))


@given(RECORDS, st.data())
def test_a_file_that_was_cut_off_anywhere_gives_all_that_was_whole(
    records: list[Record], data: st.DataObject
) -> None:
    content = file_of(records)
    place = data.draw(st.integers(0, len(content)))

    found = read_records(content[:place])

    assert found.records == records[: len(found.records)]
    assert found.end == len(file_of(found.records)) <= place
    assert found.damaged == 0


@given(RECORDS.filter(bool), st.data())
def test_damage_costs_the_record_that_it_hits(records: list[Record], data: st.DataObject) -> None:
    content = bytearray(file_of(records))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    found = read_records(bytes(content))

    assert len(found.records) >= len(records) - 2
    assert [one for one in found.records if one not in records] == []


@given(st.binary(max_size=400))
def test_anything_at_all_is_read(content: bytes) -> None:
    found = read_records(MARK + content)

    assert found.end <= len(content) + len(MARK)


def test_a_record_of_a_release_to_come_is_passed_over() -> None:
    known = written(Kind.KEPT, b"1")
    strange = bytearray(known)
    strange[12] = 99

    assert read_records(bytes(strange) + known).records == [Record(Kind.KEPT, b"1")]
