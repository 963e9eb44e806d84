"""The page in a real browser, before a real collector."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from flows.outcomes import Observation
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_OLD,
    FILTERED,
    HTTPS,
    INVENTORY,
    MSRPC,
    REFUSED,
    REJECTED,
)
from tests.collector.serving import Caller, calling, settings_in
from tests.collector.web.browser import Looking, browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

OTHER = "console-backend:con-02>be-02:tcp/443"
LEGACY = [f"agent-legacy:pc-00{number}>ah-02:tcp/17000" for number in (1, 2, 3)]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browser_started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path)) as caller:
        yield caller


@pytest_asyncio.fixture(loop_scope="module")
async def looking(browser: Browser, caller: Caller) -> AsyncIterator[Looking]:
    async with looking_at(browser, caller.url) as looking:
        yield looking


async def confirm(caller: Caller, host: str, seen: dict[str, Observation]) -> None:
    """Report twice, so that it is confirmed."""
    for _ in range(2):
        await caller.report(host, seen)
        caller.clock.pass_by(1)


async def test_the_matrix_shows_each_path_of_the_phase(caller: Caller, looking: Looking) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS, CONSOLE_OLD: REFUSED})

    await looking.go()

    await expect(looking.page.locator("#chosen")).to_have_text("baseline")
    await expect(looking.cell(CONSOLE)).to_have_text("✓")
    await expect(looking.cell(CONSOLE_OLD)).to_have_text("✕")
    await expect(looking.cell(OTHER)).to_have_text("?")
    plan = (await caller.get("plan", phase="baseline")).body
    alone = {path["path"] for path in plan if not path["groups"]}
    cells = looking.page.locator("#matrix [data-path]")
    drawn = await cells.evaluate_all("all => all.map((one) => one.dataset.path)")
    assert alone <= set(drawn)
    assert looking.complaints == []


async def test_a_cell_turns_by_itself_when_its_path_breaks(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS})
    await looking.go(f"?path={CONSOLE}")
    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "ok")

    await caller.report("con-01", {CONSOLE: REJECTED})
    await expect(looking.cell(CONSOLE)).to_have_attribute("data-suspect", "")
    caller.clock.pass_by(1)
    await caller.report("con-01", {CONSOLE: REJECTED})

    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "broken")
    await expect(looking.page.locator("blockquote")).to_have_text(
        "10.2.255.1, a router on the way, rejected it: administratively prohibited"
    )
    await expect(looking.page.locator("#blockers")).to_contain_text("con-01 → be-02 tcp/443")
    await expect(looking.page.locator("#phases a").first).to_contain_text("NOT READY")


async def test_the_chosen_phase_lives_in_the_address(caller: Caller, looking: Looking) -> None:
    chosen = looking.page.locator("#chosen")
    await looking.go()

    await looking.page.locator("#phases a", has_text="complete").click()
    await expect(chosen).to_have_text("complete")
    assert looking.page.url == f"{caller.url}/?phase=complete"
    await looking.page.reload()
    await expect(chosen).to_have_text("complete")
    await looking.page.go_back()

    await expect(chosen).to_have_text("baseline")
    await expect(looking.cell(CONSOLE)).to_have_count(1)


async def test_the_chosen_path_lives_in_the_address(looking: Looking) -> None:
    heading = looking.page.locator("#detail h2")
    await looking.go("?phase=prepare")

    await looking.cell(CONSOLE).click()
    await expect(heading).to_contain_text("con-01 → be-02")
    await expect(looking.cell(CONSOLE)).to_have_attribute("aria-pressed", "true")
    await looking.page.reload()

    await expect(heading).to_contain_text("con-01 → be-02")
    await expect(looking.page.locator("#chosen")).to_have_text("prepare")
    await expect(looking.page.locator("#detail")).to_contain_text("serve in every phase")


async def test_a_blocker_leads_to_its_path(looking: Looking) -> None:
    await looking.go()

    await looking.page.locator("#blockers a").first.click()

    await expect(looking.page.locator("#detail blockquote")).to_have_text("never measured")


async def test_a_path_that_the_plan_does_not_have_is_said_to_be_missing(looking: Looking) -> None:
    await looking.go("?path=sql:a%3Eb:tcp/1")

    await expect(looking.page.locator("#detail")).to_contain_text("The plan has no path sql:a>b")


async def test_the_keyboard_stays_where_it_is_while_cells_turn(
    caller: Caller, looking: Looking
) -> None:
    await looking.go()
    await looking.cell(CONSOLE).focus()

    await confirm(caller, "con-01", {CONSOLE: REFUSED})
    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "broken")

    assert await looking.focused("data-path") == CONSOLE


async def test_the_keyboard_stays_on_a_phase_while_its_gate_turns(
    caller: Caller, looking: Looking
) -> None:
    await looking.go()
    link = looking.page.locator("#phases a").first
    await link.focus()

    await confirm(caller, "con-01", {CONSOLE: REFUSED})
    await expect(link).to_contain_text("NOT READY")

    assert await looking.focused("data-phase") == "baseline"


async def test_arrow_keys_go_from_cell_to_cell(looking: Looking) -> None:
    await looking.go()
    keyboard = looking.page.keyboard
    await looking.cell(CONSOLE).focus()

    steps: list[str | None] = []
    for key in ("ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"):
        await keyboard.press(key)
        steps.append(await looking.focused("data-path"))

    assert steps == [OTHER, "console-backend:con-02>be-01:tcp/443", CONSOLE_OLD, CONSOLE_OLD]


async def test_enter_opens_what_the_keys_have_reached(looking: Looking) -> None:
    await looking.go()
    await looking.cell(CONSOLE).focus()

    await looking.page.keyboard.press("ArrowDown")
    await looking.page.keyboard.press("Enter")

    await expect(looking.page.locator("#detail h2")).to_contain_text("con-02 → be-02")
    assert await looking.focused("data-path") == OTHER
    assert "path=console-backend" in looking.page.url


async def test_every_cell_and_place_has_a_name(looking: Looking) -> None:
    await looking.go()

    grid = looking.page.get_by_role("grid", name=re.compile("Reachability for baseline"))
    await expect(grid.get_by_role("columnheader").first).to_be_visible()
    named = grid.get_by_role("button", name="con-01 to be-02 tcp/443, console-backend")
    await expect(named).to_have_count(1)
    nameless: list[str] = await looking.page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select")]
             .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
             .map((one) => one.outerHTML)"""
    )
    assert nameless == []


async def test_one_tab_enters_the_matrix_and_the_next_one_leaves_it(looking: Looking) -> None:
    await looking.go(f"?path={CONSOLE}")
    await expect(looking.cell(CONSOLE)).to_have_attribute("tabindex", "0")
    await looking.page.locator("#filters select").last.focus()

    await looking.page.keyboard.press("Tab")
    entered = await looking.focused("data-path")
    await looking.page.keyboard.press("Tab")

    assert entered == CONSOLE
    assert await looking.focused("tabindex") is None


async def test_agents_stand_by_group_and_count_as_the_gate_counts_them(
    caller: Caller, looking: Looking
) -> None:
    for number, path in enumerate(LEGACY, 1):
        await confirm(caller, f"pc-00{number}", {path: MSRPC if number > 1 else REFUSED})

    await looking.go()

    cell = looking.cell(LEGACY[0])
    await expect(cell).to_have_text("✕ 1")
    await expect(cell).to_have_attribute("title", re.compile("Of its agents 1 broken, 2 ok"))
    await expect(looking.page.locator("#matrix .name", has_text="hq")).to_contain_text("3 agents")
    await expect(looking.page.locator("#matrix .name", has_text="pc-001")).to_have_count(0)


async def test_a_collector_that_does_not_answer_is_said_to_be_gone(looking: Looking) -> None:
    live = looking.page.locator("#live")
    await looking.go()

    await looking.page.route("**/api/**", lambda route: route.abort())
    await expect(live).to_have_attribute("data-state", "stale")
    await expect(looking.page.locator("#stale")).to_contain_text("The collector does not answer")
    await expect(looking.page.locator("#stale")).to_contain_text("what you see is of")
    opacity = "one => getComputedStyle(one).opacity"
    assert float(await looking.cell(CONSOLE).evaluate(opacity)) < 0.6
    await expect(looking.cell(CONSOLE)).to_have_count(1)
    await looking.page.unroute("**/api/**")

    await expect(live).to_have_attribute("data-state", "live")
    await expect(looking.page.locator("#stale")).to_be_hidden()


async def test_clicks_in_the_middle_of_a_refresh_start_no_second_rhythm(
    caller: Caller, looking: Looking
) -> None:
    await looking.go()
    for phase in ("prepare", "agents", "complete", "prepare"):
        await looking.page.locator(f'#phases [data-phase="{phase}"]').click(no_wait_after=True)
    await expect(looking.page.locator("#chosen")).to_have_text("prepare")
    looking.requests.clear()

    await confirm(caller, "con-01", {CONSOLE: HTTPS})
    await confirm(caller, "con-01", {CONSOLE: REFUSED})
    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "broken")

    refreshes = [url for url in looking.requests if url.endswith("/api/v1/phase")]
    assert len(refreshes) <= 5


async def test_it_talks_to_nobody_but_its_collector(caller: Caller, looking: Looking) -> None:
    await looking.go(f"?path={CONSOLE}")
    await confirm(caller, "con-01", {CONSOLE: HTTPS})
    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "ok")

    assert {url.removeprefix(caller.url)[:1] for url in looking.requests} == {"/"}
    assert looking.complaints == []


async def test_a_page_that_nobody_sees_lets_its_stream_go(caller: Caller, looking: Looking) -> None:
    def streams() -> int:
        return sum(url.endswith("/events/stream") for url in looking.requests)

    async def become(state: str) -> None:
        await looking.page.evaluate(
            """(value) => {
              Object.defineProperty(document, "visibilityState", { value, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            state,
        )

    await looking.go()
    async with looking.page.expect_event(
        "requestfailed", lambda request: request.url.endswith("/events/stream")
    ):
        await become("hidden")
    before = streams()
    await become("visible")
    await confirm(caller, "con-01", {CONSOLE: HTTPS})

    await expect(looking.cell(CONSOLE)).to_have_attribute("data-verdict", "ok")
    assert (before, streams()) == (1, 2)


async def test_what_comes_from_the_network_is_text_and_never_markup(
    browser: Browser, tmp_path: Path
) -> None:
    attack = "<img src=x onerror=document.title='taken'>"
    text = INVENTORY.replace("site: office", f'site: "{attack}"')
    seen = msgspec.structs.replace(FILTERED, address=attack)
    async with calling(settings_in(tmp_path, text)) as caller:
        await confirm(caller, "con-01", {CONSOLE: seen})
        async with looking_at(browser, caller.url) as looking:
            await looking.go(f"?path={CONSOLE}")

            await expect(looking.page.locator("blockquote")).to_contain_text(attack)
            await expect(
                looking.page.locator("#matrix .name", has_text=attack).first
            ).to_be_visible()
            assert await looking.page.locator("img").count() == 0


def wide_inventory(handlers: int) -> str:
    """An estate whose console calls so many backends, each on two ports."""
    hosts = "\n".join(
        f"  backend-{number:02}: {{address: 10.1.0.{number}, roles: [backend, agent-handler]}}"
        for number in range(handlers)
    )
    console = "  con: {address: 10.2.0.1, roles: [console]}"
    return f'migration: {{name: w, from: "2.6", to: "2.7.1"}}\nhosts:\n{console}\n{hosts}\n'


async def test_a_wide_matrix_scrolls_in_its_place_and_keeps_its_names(
    browser: Browser, tmp_path: Path
) -> None:
    wide = settings_in(tmp_path, wide_inventory(25))
    async with calling(wide) as caller, looking_at(browser, caller.url) as looking:
        await looking.go("?phase=backoffice")
        page = looking.page
        await expect(page.locator("#matrix .port")).to_have_count(50)

        await page.locator(".scroll").evaluate("one => one.scrollTo(1e6, 0)")

        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await expect(page.locator("#matrix .name").first).to_be_in_viewport()
        await expect(page.locator("#matrix .title > div").first).to_be_in_viewport()
        await expect(page.locator("#matrix .port").last).to_be_in_viewport()
        first = await page.locator("#matrix .name").first.bounding_box()
        card = await page.locator(".scroll").bounding_box()
        assert first is not None
        assert card is not None
        assert first["x"] == pytest.approx(card["x"], abs=4)


async def test_a_small_matrix_needs_no_scrolling(looking: Looking) -> None:
    await looking.go()

    sizes = await looking.page.locator(".scroll").evaluate(
        "one => [one.scrollWidth, one.clientWidth]"
    )

    assert sizes[0] <= sizes[1]
