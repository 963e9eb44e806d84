"""A real browser that looks at the page."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""A browser that calls nobody but the page."""
PATIENCE_MS = 20_000
VIEWPORT: ViewportSize = {"width": 1400, "height": 870}


@dataclass
class Looking:
    """A page, and what went wrong in it."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """What it wrote to its console, and its errors."""
    requests: list[str] = field(default_factory=list)

    async def go(self, address: str = "") -> None:
        """Open the page at an address and wait until it is drawn."""
        await self.page.goto(f"{self.url}/{address}")
        await expect(self.page.locator("#live")).to_have_attribute("data-state", "live")

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the page complains of."""
        if not message.location["url"].endswith("/api/v1/session"):
            self.complaints.append(message.text)

    def cell(self, path: str) -> Locator:
        """Find the cell that a path speaks for."""
        return self.page.locator(f'#matrix [data-path="{path}"]')

    async def focused(self, attribute: str) -> str | None:
        """Read an attribute of what has the keyboard."""
        found: str | None = await self.page.evaluate(
            "name => document.activeElement.getAttribute(name)", attribute
        )
        return found


@asynccontextmanager
async def browser_started() -> AsyncIterator[Browser]:
    """Start a browser; it serves any number of pages."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(QUIET), chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def looking_at(
    browser: Browser, url: str, color_scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Looking]:
    """Open an empty page, for a collector's URL."""
    page = await browser.new_page(viewport=VIEWPORT, color_scheme=color_scheme)
    try:
        page.set_default_timeout(PATIENCE_MS)
        looking = Looking(page, url)
        page.on("console", looking.hear)
        page.on("pageerror", lambda error: looking.complaints.append(str(error)))
        page.on("request", lambda request: looking.requests.append(request.url))
        yield looking
    finally:
        await page.close()
