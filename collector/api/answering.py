"""Answering a call: bodies as JSON, and long lists piece by piece."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import msgspec
from aiohttp import web

from collector.api import LEDGER
from collector.slices import Slices

JSON = "application/json"
_AT_ONCE = 1000
"""Rows that are encoded in one piece; between two pieces others have their turn."""
_MOMENT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3})\d*)?Z"')
"""A time in UTC as msgspec writes it: with microseconds, or without a fraction."""


def encoded(body: object) -> bytes:
    """Write a body as JSON; times are RFC 3339 in UTC with milliseconds."""
    return _MOMENT.sub(_in_milliseconds, msgspec.json.encode(body))


def _in_milliseconds(found: re.Match[bytes]) -> bytes:
    seconds, fraction = found.groups(b"000")
    return b'"%s.%sZ"' % (seconds, fraction)


def answer(body: object, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer a call."""
    return web.Response(body=encoded(body), content_type=JSON, headers=headers)


async def answer_rows(
    request: web.Request, rows: Iterable[object], head: bytes = b"[", tail: bytes = b"]"
) -> web.StreamResponse:
    """Answer with a list that may be long, piece by piece; others have their turn in between."""
    response = web.StreamResponse(headers={"Content-Type": JSON})
    pieces = _pieces(rows, head, tail)
    piece = next(pieces)  # what cannot be written at all is a problem, not half an answer
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    slices = Slices(request.app[LEDGER].idle)
    await response.write(piece)
    for piece in pieces:
        await response.write(piece)
        await slices.step()
    await response.write_eof()
    return response


def _pieces(rows: Iterable[object], head: bytes, tail: bytes) -> Iterator[bytes]:
    remaining = iter(rows)
    piece = list(islice(remaining, _AT_ONCE))
    yield head + encoded(piece)[1:-1]
    while piece := list(islice(remaining, _AT_ONCE)):
        yield b"," + encoded(piece)[1:-1]
    yield tail
