"""The web page: static files of our own, no asset from elsewhere, no inline script."""

from importlib.resources import files

from aiohttp import web
from aiohttp.typedefs import Handler

_TYPES = {
    "index.html": "text/html",
    "style.css": "text/css",
    "dom.js": "text/javascript",
    "page.js": "text/javascript",
    "live.js": "text/javascript",
    "matrix.js": "text/javascript",
    "panel.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def routes() -> list[web.RouteDef]:
    """List the page and what it is made of."""
    page = web.get("/", _file("index.html"))
    return [page, *(web.get(f"/web/{name}", _file(name)) for name in _TYPES)]


def _file(name: str) -> Handler:
    body = files("collector.web").joinpath(name).read_bytes()

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=_TYPES[name], charset="utf-8", headers=_HEADERS)

    return serve
