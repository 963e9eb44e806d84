"""The rows of runs that are over, packed: a large run has hundreds of thousands."""

import zlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from collector.runs import RunRow

_AT_ONCE = 1000
"""Rows of one line of JSON: whoever encodes or decodes one has the interpreter to itself."""
_decode = msgspec.json.Decoder(list[RunRow]).decode


def packed(rows: Sequence[RunRow]) -> bytes:
    """Write rows, compressed; in a thread, for it takes long."""
    squeezing = zlib.compressobj()
    lines = (
        msgspec.json.encode(rows[first : first + _AT_ONCE])
        for first in range(0, len(rows), _AT_ONCE)
    )
    return b"".join(squeezing.compress(line + b"\n") for line in lines) + squeezing.flush()


def lines_of(data: bytes) -> list[bytes]:
    """Decompress what was packed; in a thread, too."""
    return zlib.decompress(data).splitlines()


def rows_of(lines: Iterable[bytes]) -> Iterator[RunRow]:
    """Read lines, one when it is needed."""
    for line in lines:
        yield from _decode(line)
