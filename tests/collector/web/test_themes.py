"""Every word of every page can be read, by day and by night; what was chosen is remembered."""

import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from collector.web import PLACES
from tests.collector.samples import CONSOLE, CONSOLE_NEW, CONSOLE_OLD, FILTERED, HTTPS, REFUSED
from tests.collector.serving import Caller, calling, settings_in
from tests.collector.web.browser import Looking, browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

READABLE = 4.5
"""Contrast that WCAG 2.1 AA asks of text (1.4.3)."""
WORDS = """() => {
  function ground(one) {
    const color = getComputedStyle(one).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" ? ground(one.parentElement) : color;
  }
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((one) => own(one) && one.checkVisibility() && !one.closest("svg, option, [disabled]"))
    .map((one) => [one.textContent.trim().slice(0, 40), getComputedStyle(one).color, ground(one)]);
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def caller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Caller]:
    """A collector that has something of each colour to show."""
    async with calling(settings_in(tmp_path_factory.mktemp("estate"))) as caller:
        for _ in range(2):
            seen = {CONSOLE: HTTPS, CONSOLE_OLD: REFUSED, CONSOLE_NEW: FILTERED}
            await caller.report("con-01", seen)
            caller.clock.pass_by(1)
        await caller.report("con-01", {CONSOLE: REFUSED})
        await caller.call("POST", "runs", {"src": ["con-01"]})
        window = {"hosts": "con-02", "until": "2099-01-01T00:00:00Z", "reason": "a new desk"}
        await caller.call("POST", "maintenance", window)
        yield caller


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browser_started() as browser:
        yield browser


async def words_of(looking: Looking) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = await looking.page.evaluate(WORDS)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_of_every_page_can_be_read(
    browser: Browser, caller: Caller, scheme: Literal["light", "dark"]
) -> None:
    async with looking_at(browser, caller.url, scheme) as looking:
        for place in PLACES:
            await looking.go(f"{place[1:]}?phase=prepare&path={CONSOLE}")
            words = await words_of(looking)

            assert len(words) > 20, place
            hidden = [one for one in words if contrast(*one[1:]) < READABLE]
            assert hidden == [], place
            lights = [luminance(ground) for _, _, ground in words]
            assert sorted(lights)[len(lights) // 2] < 0.2 if scheme == "dark" else min(lights) > 0.1
        assert looking.complaints == []


async def test_the_theme_is_changed_by_a_button_and_remembered(
    browser: Browser, caller: Caller
) -> None:
    async with looking_at(browser, caller.url, "light") as looking:
        await looking.go()
        theme = looking.page.locator("#theme")
        ground = "getComputedStyle(document.body).backgroundColor"
        await expect(theme).to_have_text("system")
        by_system = luminance(await looking.page.evaluate(ground))
        await theme.click()
        await theme.click()
        await expect(theme).to_have_text("dark")

        await looking.page.reload()

        await expect(theme).to_have_text("dark")
        assert luminance(await looking.page.evaluate(ground)) < 0.1 < by_system


async def test_who_wants_no_motion_gets_none(browser: Browser, caller: Caller) -> None:
    async with looking_at(browser, caller.url) as looking:
        await looking.page.emulate_media(reduced_motion="reduce")
        await looking.go()

        moving: list[str] = await looking.page.evaluate(
            """() => [...document.querySelectorAll("*")].map((one) => getComputedStyle(one))
                 .filter((style) => style.transitionDuration !== "0s")
                 .map((style) => style.transitionProperty)"""
        )
        assert moving == []


def luminance(color: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)
