"""What the page is made of: files of our own, each with its type, and nothing that runs inline."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from collector.web import PLACES, routes

Client = TestClient[web.Request, web.Application]
ASSETS = {
    one.name: one.read_text("utf-8")
    for one in files("collector.web").iterdir()
    if not one.name.startswith("__")
}
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_routes(routes())
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize("name", ASSETS)
async def test_each_file_is_served_with_its_type(client: Client, name: str) -> None:
    async with client.get(f"/web/{name}") as answer:
        assert answer.status == 200
        assert answer.content_type == TYPES[name[name.index(".") :]]
        assert answer.charset == "utf-8"
        assert await answer.text() == ASSETS[name]


@pytest.mark.parametrize("place", PLACES)
async def test_the_page_itself_stands_at_each_of_its_places(client: Client, place: str) -> None:
    async with client.get(place) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


@pytest.mark.parametrize("path", ["/", *(f"/web/{name}" for name in ASSETS)])
async def test_nothing_else_may_run_or_be_fetched(client: Client, path: str) -> None:
    async with client.get(path) as answer:
        headers = answer.headers

    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect", "worker")} == {
        "'self'"
    }
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"


async def test_what_is_no_part_of_the_page_is_not_served(client: Client) -> None:
    for name in ("__init__.py", "../__init__.py", "%2e%2e/app.py", "missing.js"):
        async with client.get(f"/web/{name}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("name", ASSETS)
def test_no_file_names_another_place(name: str) -> None:
    text = ASSETS[name].replace(NAMESPACE, "")

    assert not re.findall(r"\w+://|[\"'(]//|@import|url\(", text)


@pytest.mark.parametrize("name", [name for name in ASSETS if name.endswith(".js")])
def test_scripts_import_what_is_served_and_make_no_markup(name: str) -> None:
    imported = re.findall(r'from "([^"]+)"', ASSETS[name])

    assert all(one.removeprefix("/web/") in ASSETS for one in imported)
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", ASSETS[name]
    )


class Tags(HTMLParser):
    """Collects what could run inline, and what is linked."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.linked: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag in {"script", "style"}
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.inline.append(f"{tag} {name}")
            if name in {"src", "href"}:
                self.linked.append(value or "")

    def handle_endtag(self, _tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append(data)


def test_the_page_holds_nothing_inline_and_links_only_what_is_served() -> None:
    tags = Tags()

    tags.feed(ASSETS["index.html"])

    assert tags.inline == []
    assert tags.linked
    served = {*PLACES, *(f"/web/{name}" for name in ASSETS)}
    assert {link for link in tags.linked if not link.startswith("#")} <= served
