"""Whether the collector lives, and whether it can keep what it is told."""

import msgspec
from aiohttp import web

from collector.api import LEDGER
from collector.api.answering import answer


class Status(msgspec.Struct, frozen=True):
    """How the collector is."""

    status: str


async def healthz(_request: web.Request) -> web.Response:
    """Say that this process answers."""
    return answer(Status("ok"))


async def readyz(request: web.Request) -> web.Response:
    """Say that reports can be made durable; 503 where they cannot."""
    await request.app[LEDGER].check()
    return answer(Status("ready"))
