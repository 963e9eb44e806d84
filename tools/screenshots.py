"""Take the pictures of the documentation: the demo in `backoffice`, with one path broken.

    .venv/bin/python tools/screenshots.py [NAME ...]

Needs Chromium (tools/system-packages.txt). Writes docs/images/NAME.png and NAME-dark.png; without
names, all of them.
"""

import asyncio
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from gatewatch.api_client import Api, Connection, decoded, open_api
from gatewatch.demo.program import Show, play
from gatewatch.demo.walk import BROKEN_PATH

IMAGES = Path(__file__).parent.parent / "docs" / "images"
QUIET = ("--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run")
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture shows, and what must stand in it."""

    name: str
    address: str
    awaited: str
    """Selector of what the page is waited for."""
    height: int = 870


def pictures(run: str) -> list[Picture]:
    """List all pictures; those of runs show this one."""
    path = urlencode({"phase": "backoffice", "path": BROKEN_PATH})
    broken = f'[data-path="{BROKEN_PATH}"][data-verdict="broken"]'
    return [
        Picture("matrix", f"/?{path}", f"#matrix {broken}"),
        Picture("path", f"/path?{path}", "#detail .changes, .changes li"),
        Picture("gate", "/gates?phase=agents", "#causes li", 640),
        Picture("runs", f"/runs?run={run}", "#run li", 640),
        Picture("events", "/events", ".events tbody tr:nth-child(10)", 640),
        Picture("hosts", "/hosts", "tbody tr:nth-child(3)", 800),
    ]


def free_port() -> int:
    """Find a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def prepare(api: Api) -> str:
    """Give the pictures something to show; returns the id of a run."""
    window = {"hosts": "con-02", "until": "2099-01-01T00:00:00Z", "reason": "new desk, new cable"}
    await api.send("POST", "maintenance", window)
    waiver = {
        "path": "syslog-tcp:ah-02*",
        "until": "2099-01-01T00:00:00Z",
        "reason": "logs of west go by UDP",
    }
    await api.send("POST", "waivers", waiver)
    body = await api.send("POST", "runs", {"src": ["con-*", "siem"]})
    return str(decoded(body, dict[str, object])["id"])


async def take(browser: Browser, url: str, picture: Picture, scheme: Scheme) -> None:
    """Wait until the page shows what it must, and take its picture."""
    viewport = ViewportSize(width=1400, height=picture.height)
    page = await browser.new_page(viewport=viewport, color_scheme=scheme)
    await page.goto(url + picture.address)
    await expect(page.locator(picture.awaited).first).to_be_visible()
    await expect(page.locator("#live")).to_have_attribute("data-state", "live")
    await expect(page.locator("#matrix [data-suspect]")).to_have_count(0)
    await _settle(page)
    suffix = "-dark" if scheme == "dark" else ""
    await page.screenshot(path=IMAGES / f"{picture.name}{suffix}.png", animations="disabled")
    await page.close()


async def _settle(page: Page) -> None:
    await page.evaluate("document.fonts.ready")
    await page.evaluate("new Promise(requestAnimationFrame)")


async def take_all(browser: Browser, url: str, wanted: Callable[[str], bool]) -> None:
    """Take the pictures of an estate as it is now."""
    async with open_api(Connection(url)) as api:
        run = await prepare(api)
        async with api.follow(f"runs/{run}/events") as coming:
            async for _ in coming:
                pass
    for picture in pictures(run):
        if wanted(picture.name):
            await take(browser, url, picture, "light")
            await take(browser, url, picture, "dark")


async def main(names: frozenset[str]) -> bool:
    """Play the demo, and take the pictures where it waits for the repair."""
    port = free_port()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(QUIET), chromium_sandbox=False
        )

        async def proceed(announced: str) -> None:
            if announced.startswith("repair it"):
                url = f"http://127.0.0.1:{port}"
                await take_all(browser, url, lambda name: not names or name in names)

        as_scripted = await play(Show(port, proceed, linger=False))
        await browser.close()
    return as_scripted


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    sys.exit(not asyncio.run(main(frozenset(sys.argv[1:]))))
