"""What Prometheus scrapes: this process, the estate, or both."""

import asyncio
import zlib
from collections.abc import Iterable, Iterator

from aiohttp import hdrs, web

from collector.api import CLOCK, LEDGER, PARTS
from collector.exposition import CONTENT_TYPE
from collector.metrics import EstatePage, Page
from collector.slices import Slices, in_slices
from collector.store import StoreUnavailable

ESTATE_PAGE: web.AppKey[EstatePage] = web.AppKey("estate_page", EstatePage)
MAKING: web.AppKey[asyncio.Lock] = web.AppKey("making", asyncio.Lock)
"""Held while the page is made: what is kept for it has one writer."""
_GZIP_LEVEL = 3
"""A quarter of the time of the usual 6, for a sixth more bytes of such a page."""
_GZIP_FORMAT = 16 + zlib.MAX_WBITS


async def of_everything(request: web.Request) -> web.StreamResponse:
    """Give both pages as one."""
    return await _sent(request, [await _self(request), *await _estate(request)])


async def of_this_process(request: web.Request) -> web.StreamResponse:
    """Give what differs from replica to replica."""
    return await _sent(request, [await _self(request)])


async def of_the_estate(request: web.Request) -> web.StreamResponse:
    """Give what is the same on every replica."""
    return await _sent(request, await _estate(request))


async def _self(request: web.Request) -> bytes:
    metrics = request.app[PARTS].metrics
    metrics.ready.set(await _is_ready(request))
    with metrics.rendering("self"):
        return metrics.page()


async def _is_ready(request: web.Request) -> bool:
    try:
        await request.app[LEDGER].check()
    except StoreUnavailable:
        return False
    return True


async def _estate(request: web.Request) -> Page:
    """Make the page while reports are taken; who asks at the same time waits."""
    async with request.app[MAKING]:
        with request.app[PARTS].metrics.rendering("estate"):
            page = request.app[ESTATE_PAGE].made(request.app[CLOCK])
            return await in_slices(page, request.app[LEDGER].idle)


async def _sent(request: web.Request, page: Page) -> web.StreamResponse:
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})
    pieces: Iterable[bytes] = page
    if _takes_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        pieces = _packed(page)
    await response.prepare(request)
    slices = Slices(request.app[LEDGER].idle)
    for piece in pieces:
        await response.write(piece)
        await slices.step()
    await response.write_eof()
    return response


def _takes_gzip(accepted: str) -> bool:
    """Read the header Accept-Encoding (RFC 9110 section 12.5.3)."""
    for one in accepted.split(","):
        coding, _, weight = one.replace(" ", "").lower().partition(";q=")
        if coding == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


def _packed(page: Page) -> Iterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)
    for piece in page:
        yield packer.compress(piece)
    yield packer.flush()
