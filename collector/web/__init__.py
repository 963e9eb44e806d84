"""The web page: static files of our own, no asset from elsewhere, no inline script."""

from importlib.resources import files
from pathlib import PurePath

from aiohttp import web
from aiohttp.typedefs import Handler

PLACES = ("/", "/path", "/gates", "/runs", "/events", "/hosts")
"""Addresses of the page; the browser tells them apart."""
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def routes() -> list[web.RouteDef]:
    """List the page and what it is made of."""
    names = sorted(one.name for one in files("collector.web").iterdir())
    page = _file("index.html")
    parts = [name for name in names if PurePath(name).suffix in _TYPES]
    return [
        *(web.get(place, page) for place in PLACES),
        *(web.get(f"/web/{name}", _file(name)) for name in parts),
    ]


def _file(name: str) -> Handler:
    body = files("collector.web").joinpath(name).read_bytes()
    kind = _TYPES[PurePath(name).suffix]

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=_HEADERS)

    return serve
