"""Records of the probe's spool, as they lie on its disk: a file of ours, so no standard has it.

A record is a mark, the length of its payload, a CRC-32 of kind and payload, the kind, and the
payload, which is JSON. The mark never stands in JSON (RFC 3629 has no byte 0xF5), so that after a
damaged record the next one is found.
"""

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

MARK = b"\xf5GWj"
_HEAD = struct.Struct("<4sIIB")


class Kind(IntEnum):
    """What a record says."""

    KEPT = 1
    """A result was put in the spool."""
    BATCH = 2
    """Results travel together, under a number."""
    SETTLED = 3
    """A batch was acknowledged, or refused for good."""
    DROPPED = 4
    """Results were given up."""


class Record(NamedTuple):
    """One record."""

    kind: Kind
    payload: bytes


class Reading(NamedTuple):
    """What a file held."""

    records: list[Record]
    damaged: int
    """Places in which something else stood than a whole record."""
    end: int
    """Where the last whole record ends: a tail behind it was never written to its end."""


def written(kind: Kind, payload: bytes) -> bytes:
    """Write one record."""
    return _HEAD.pack(MARK, len(payload), _sum(kind, payload), kind) + payload


def read_records(content: bytes) -> Reading:
    """Read all that is whole; whatever is not, is passed over."""
    records: list[Record] = []
    damaged = place = end = 0
    while place < len(content):
        record = _record_at(content, place)
        if record is not None:
            records.append(record)
            place = end = place + _HEAD.size + len(record.payload)
            continue
        place = content.find(MARK, place + 1)
        if place < 0:
            break
        damaged += 1
    return Reading(records, damaged, end)


def _record_at(content: bytes, place: int) -> Record | None:
    if place + _HEAD.size > len(content):
        return None
    mark, length, found, kind = _HEAD.unpack_from(content, place)
    begin = place + _HEAD.size
    payload = content[begin : begin + length]
    if mark != MARK or len(payload) < length or found != _sum(kind, payload):
        return None
    try:
        return Record(Kind(kind), payload)
    except ValueError:
        return None  # of a release to come


def _sum(kind: int, payload: bytes) -> int:
    return zlib.crc32(payload, kind)
