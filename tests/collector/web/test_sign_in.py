"""Who has to sign in is asked to, and every order of the page says that it comes from the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from collector.credentials import Right
from tests.collector.api.guarded import NAMES, TOKENS, guarded_settings, guarding
from tests.collector.serving import calling, settings_in
from tests.collector.web.browser import Looking, browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

TOKEN = "gwv_a-token"


class Door:
    """Stands before a collector and lets nobody in who has not signed in."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.is_open = False
        self.marks: list[str | None] = []
        """What orders said of where they come from."""

    async def __call__(self, route: Route) -> None:
        """Answer a call, or let it pass."""
        request = route.request
        if request.method != "GET":
            self.marks.append(request.headers.get("x-gatewatch"))
        match request.method, request.url.rpartition("/")[2]:
            case "GET", "session":
                who = {"required": True, "name": None, "role": None}
                known = {"required": True, "name": "ada", "role": self.role}
                await route.fulfill(json=known if self.is_open else who)
            case "POST", "session":
                said = msgspec.json.decode(request.post_data_buffer or b"{}")
                self.is_open = said == {"token": TOKEN}
                await route.fulfill(status=204 if self.is_open else 401)
            case "DELETE", "session":
                self.is_open = False
                await route.fulfill(status=204)
            case _ if self.is_open:
                await route.continue_()
            case _:
                await route.fulfill(status=401, json={"status": 401, "detail": "who are you?"})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browser_started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def looking(browser: Browser, tmp_path: Path) -> AsyncIterator[Looking]:
    async with (
        calling(settings_in(tmp_path)) as caller,
        looking_at(browser, caller.url) as looking,
    ):
        yield looking


async def sign_in(looking: Looking, token: str) -> None:
    await looking.page.get_by_label("token").fill(token)
    await looking.page.get_by_role("button", name="Sign in").click()


async def test_a_token_opens_the_page_and_signing_out_closes_it(looking: Looking) -> None:
    door = Door("operator")
    page = looking.page
    await page.route("**/api/v1/**", door)
    await page.goto(looking.url)

    await expect(page.locator("#matrix")).to_have_count(0)
    await sign_in(looking, "a-wrong-token")
    await expect(page.locator("#sign-in")).to_contain_text("does not know this token")
    await sign_in(looking, TOKEN)
    await expect(page.locator("#matrix .cell").first).to_be_visible()
    await expect(page.locator("#who")).to_contain_text("ada, operator")
    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_label("token")).to_be_focused()
    await expect(page.locator("#matrix")).to_have_count(0)
    assert door.marks == ["page"] * 3


async def test_a_session_that_ends_asks_to_sign_in_again(looking: Looking) -> None:
    door = Door("viewer")
    door.is_open = True
    await looking.page.route("**/api/v1/**", door)
    await looking.go("hosts")

    door.is_open = False
    await looking.page.get_by_role("link", name="Gates").click()
    await expect(looking.page.get_by_label("token")).to_be_visible()
    await sign_in(looking, TOKEN)

    await expect(looking.page.locator("#gate")).to_be_visible()


async def test_a_viewer_can_press_nothing_that_changes_anything(looking: Looking) -> None:
    door = Door("viewer")
    door.is_open = True
    await looking.page.route("**/api/v1/**", door)
    await looking.go("runs")

    await expect(looking.page.get_by_role("button", name="Measure now")).to_be_disabled()


async def test_the_collectors_own_door_opens_and_closes(browser: Browser, tmp_path: Path) -> None:
    async with (
        guarding(guarded_settings(tmp_path)) as guarded,
        looking_at(browser, guarded.caller.url) as looking,
    ):
        page = looking.page
        await page.goto(looking.url)
        await sign_in(looking, "gwt_wrong")
        await expect(page.locator("#sign-in")).to_contain_text("does not know this token")

        await sign_in(looking, TOKENS[Right.OPERATOR])
        await expect(page.locator("#who")).to_contain_text("olaf, operator")
        await expect(page.locator("#matrix .cell").first).to_be_visible()
        await page.reload()
        await expect(page.locator("#matrix .cell").first).to_be_visible()

        await guarded.call(Right.OPERATOR, "DELETE", f"credentials/{NAMES[Right.OPERATOR]}")
        await page.get_by_role("link", name="Gates").click()
        await expect(page.get_by_label("token")).to_be_visible()
