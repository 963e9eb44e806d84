"""What handlers find in their application, by typed key."""

from aiohttp import web

from collector.ledger import Clock, Ledger, Parts
from collector.settings import Settings

CLOCK: web.AppKey[Clock] = web.AppKey("clock")
LEDGER = web.AppKey("ledger", Ledger)
PARTS = web.AppKey("parts", Parts)
SETTINGS = web.AppKey("settings", Settings)
