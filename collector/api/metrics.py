"""What Prometheus scrapes: this process, the estate, or both."""

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.exposition import CONTENT_TYPE
from collector.metrics import estate_page
from collector.store import StoreUnavailable


async def of_everything(request: web.Request) -> web.Response:
    """Give both pages as one."""
    return _page(await _self(request) + _estate(request))


async def of_this_process(request: web.Request) -> web.Response:
    """Give what differs from replica to replica."""
    return _page(await _self(request))


async def of_the_estate(request: web.Request) -> web.Response:
    """Give what is the same on every replica."""
    return _page(_estate(request))


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


def _estate(request: web.Request) -> bytes:
    parts, now = request.app[PARTS], request.app[CLOCK]()
    with parts.metrics.rendering("estate"):
        per_agent = request.app[SETTINGS].per_agent
        return estate_page(parts.estate, parts.connects, now, per_agent=per_agent)


def _page(body: bytes) -> web.Response:
    response = web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})
    response.enable_compression()  # where it is accepted; a large body in a thread of its own
    return response
