"""The collector's HTTP API (DESIGN 6): read what is asked, one call into the domain, answer.

What handlers find in their application stands here, by typed key.
"""

from aiohttp import web

from collector.ledger import Clock, Ledger
from collector.parts import Parts
from collector.settings import Settings

CLOCK: web.AppKey[Clock] = web.AppKey("clock")
LEDGER = web.AppKey("ledger", Ledger)
PARTS = web.AppKey("parts", Parts)
SETTINGS = web.AppKey("settings", Settings)
