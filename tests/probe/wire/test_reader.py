"""Reading fields off a message."""

import pytest

from probe.wire import WireError
from probe.wire.reader import Reader


def test_fields_come_in_order_and_in_either_byte_order() -> None:
    reader = Reader(bytes.fromhex("01 0203 0203 00000004 04000000 6162 ff"), "note")

    assert reader.u8("a") == 1
    assert reader.u16_big("b") == 0x0203
    assert reader.u16_little("c") == 0x0302
    assert reader.u32_big("d") == 4
    assert reader.u32_little("e") == 4
    assert reader.take(2, "f") == b"ab"
    assert (reader.position, reader.left) == (15, 1)
    assert reader.rest() == b"\xff"
    assert reader.rest() == b""


@pytest.mark.parametrize("field", ["u8", "u16_big", "u16_little", "u32_big", "u32_little"])
def test_no_field_is_read_past_the_end(field: str) -> None:
    reader = Reader(b"", "note")

    with pytest.raises(WireError) as refused:
        getattr(reader, field)("length")

    assert str(refused.value) == "note of 0 bytes ends inside its length"


def test_a_read_that_fails_takes_nothing() -> None:
    reader = Reader(b"abc", "note")

    with pytest.raises(WireError):
        reader.take(4, "name")

    assert reader.rest() == b"abc"
