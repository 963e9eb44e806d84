"""The page hears of events at once, and asks seldom while nothing happens."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from collector.settings import Listen
from tests.collector.samples import CONSOLE, HTTPS, REFUSED
from tests.collector.serving import Caller, calling, settings_in
from tests.collector.web.browser import browser_started, looking_at
from tests.gatewatch.running import a_free_port

pytestmark = [pytest.mark.needs("chromium")]
POLL_SECONDS = 10.0


async def followed(caller: Caller) -> None:
    """Wait until somebody follows the events."""
    async with asyncio.timeout(20):
        while (
            b"gatewatch_collector_event_streams 1.0"
            not in (await caller.get("/metrics/self")).content
        ):
            pass


async def test_an_event_is_shown_long_before_the_next_poll(tmp_path: Path) -> None:
    clock = asyncio.get_running_loop().time
    async with (
        calling(settings_in(tmp_path)) as caller,
        browser_started() as browser,
        looking_at(browser, caller.url) as looking,
    ):
        await caller.report("con-01", {CONSOLE: HTTPS})
        await looking.go()
        await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "ok")
        await followed(caller)
        told = clock()
        for _ in range(2):
            caller.clock.pass_by(5)
            await caller.report("con-01", {CONSOLE: REFUSED})

        await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "broken")

        assert clock() - told < POLL_SECONDS / 2
        streams = [url for url in looking.requests if url.endswith("/events/stream")]
        assert len(streams) == 1


async def test_the_page_follows_again_when_the_collector_is_back(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), listen=Listen("127.0.0.1", a_free_port()))
    async with browser_started() as browser, AsyncExitStack() as until_the_end:
        async with calling(settings) as caller:
            looking = await until_the_end.enter_async_context(looking_at(browser, caller.url))
            live = looking.page.locator("#live")
            await looking.go()
            await followed(caller)

        await expect(live).to_have_attribute("data-state", "stale")
        stale = looking.page.locator("#stale")
        await expect(stale).to_contain_text(re.compile(r"what you see is of .+, \d+ s ago"))
        async with calling(settings) as caller:
            await expect(live).to_have_attribute("data-state", "live")
            await followed(caller)
            await expect(stale).to_be_hidden()
