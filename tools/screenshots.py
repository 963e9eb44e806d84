"""Take the pictures of the documentation: the demo in `backoffice`, with one path broken.

    .venv/bin/python tools/screenshots.py

Needs Chromium (tools/system-packages.txt). Writes docs/images/matrix.png and matrix-dark.png.
"""

import asyncio
import shutil
import socket
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from playwright.async_api import Browser, async_playwright, expect

from gatewatch.demo.program import Show, play
from gatewatch.demo.walk import BROKEN_PATH

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SHOWN = urlencode({"phase": "backoffice", "path": BROKEN_PATH})
QUIET = ("--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run")


def free_port() -> int:
    """Find a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def take(
    browser: Browser, url: str, name: str, color_scheme: Literal["light", "dark"]
) -> None:
    """Wait until the page shows the broken path, and take its picture."""
    page = await browser.new_page(
        viewport={"width": 1400, "height": 870}, color_scheme=color_scheme
    )
    await page.goto(url)
    broken = page.locator(f'#matrix [data-path="{BROKEN_PATH}"]')
    await expect(broken).to_have_attribute("data-verdict", "broken")
    await expect(page.locator("#matrix [data-suspect]")).to_have_count(0)
    await page.screenshot(path=IMAGES / name)
    await page.close()


async def main() -> bool:
    """Play the demo, and take the pictures where it waits for the repair."""
    port = free_port()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(QUIET), chromium_sandbox=False
        )

        async def proceed(announced: str) -> None:
            if announced.startswith("repair it"):
                url = f"http://127.0.0.1:{port}/?{SHOWN}"
                await take(browser, url, "matrix.png", "light")
                await take(browser, url, "matrix-dark.png", "dark")

        as_scripted = await play(Show(port, proceed, linger=False))
        await browser.close()
    return as_scripted


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    sys.exit(not asyncio.run(main()))
