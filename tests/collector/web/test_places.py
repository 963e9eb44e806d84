"""The pages of a path, a gate, runs, events and hosts, before a real collector."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from collector.web import PLACES
from flows.outcomes import Observation
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FILTERED,
    HTTPS,
    INVENTORY,
    MSRPC,
    REFUSED,
    REJECTED,
    result_of,
)
from tests.collector.serving import Caller, a_report, calling, settings_in
from tests.collector.web.browser import Looking, browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

LEGACY = [f"agent-legacy:pc-00{number}>ah-02:tcp/17000" for number in (1, 2, 3)]
ATTACK = "<img src=x onerror=document.title='taken'>"


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


async def confirm(caller: Caller, host: str, seen: Mapping[str, Observation]) -> None:
    """Report twice, so that it is confirmed."""
    for _ in range(2):
        await caller.report(host, seen)
        caller.clock.pass_by(1)


async def answer_run(caller: Caller, host: str, seen: Mapping[str, Observation]) -> None:
    """Wait until a probe is asked to measure at once, and answer as it would."""
    async with asyncio.timeout(20):
        while not (told := (await caller.get(f"assignments/{host}")).body["runs"]):
            pass
    results = [
        msgspec.structs.replace(
            result_of(await caller.check_of(path), one, caller.clock.now), run=told[0]["id"]
        )
        for path, one in seen.items()
    ]
    caller.seq += 1
    caller.clock.pass_by(1)
    await caller.send(a_report(host, results, caller.clock.now, seq=caller.seq))


async def test_a_path_tells_what_every_phase_expects_and_what_became_of_it(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE_OLD: HTTPS})
    await confirm(caller, "con-01", {CONSOLE_OLD: REJECTED})

    await looking.go(f"path?path={CONSOLE_OLD}")

    page = looking.page
    phases = page.locator("tbody tr", has=page.locator("th[scope=row]"))
    assert await phases.locator("td:nth-child(2)").all_inner_texts() == [
        *["serve"] * 3,
        *["retired"] * 2,
    ]
    await expect(page.locator("blockquote")).to_have_text(
        "10.2.255.1, a router on the way, rejected it: administratively prohibited"
    )
    await expect(page.locator("#detail")).to_contain_text("allow con-01 to reach be-01 on tcp/443")
    changes = await page.locator(".changes b").all_inner_texts()
    assert changes == ["ok → broken", "suspect: broken"]
    assert looking.complaints == []


async def test_a_path_is_checked_now_and_its_answer_is_told(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS})
    await looking.go(f"path?path={CONSOLE}")
    page = looking.page

    await page.get_by_role("button", name="Check now").click()
    await expect(page.locator("#detail progress, #detail [role=status]").first).to_be_visible()
    await answer_run(caller, "con-01", {CONSOLE: REFUSED, CONSOLE_OLD: HTTPS})

    told = page.locator("#detail [role=status]")
    await expect(told).to_contain_text("just now: broken.")
    await expect(told).to_contain_text("refused the connection")
    await expect(page.get_by_role("button", name="Check now")).to_be_enabled()


async def test_a_gate_names_causes_first_and_what_to_do(caller: Caller, looking: Looking) -> None:
    seen = {CONSOLE: REJECTED, CONSOLE_OLD: REJECTED}
    await confirm(caller, "con-01", seen)

    await looking.go("gates?phase=backoffice")

    page = looking.page
    await expect(page.locator("#gate .answer")).to_have_text("✕ NOT READY")
    cause = page.locator(".causes > li").first
    await expect(cause.locator("h3")).to_contain_text("10.2.255.1, a router on the way, rejected")
    await expect(cause).to_contain_text("Explains 2 paths.")
    await expect(cause).to_contain_text("Let the device that rejected it allow con-01")
    await expect(cause).to_contain_text("guide 3.2")
    await cause.locator("a").first.click()
    await expect(page.locator("#detail h2")).to_contain_text("con-01 → be-0")


async def test_a_gate_tells_which_hosts_it_waits_for(looking: Looking) -> None:
    await looking.go("gates?phase=agents")

    page = looking.page
    await expect(page.locator("main")).to_contain_text("gatewatch host set be-01 --version 2.7.1")
    await page.get_by_role("link", name="Is it done?").click()
    await expect(page.locator("#gate h2")).to_contain_text("cannot be said to be done")


async def test_a_gate_is_printed_without_what_can_only_be_pressed(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE: REJECTED})
    await looking.go("gates?phase=backoffice")
    page = looking.page

    await page.emulate_media(media="print", color_scheme="dark")

    for hidden in ("header", "#phases", "[data-print]"):
        await expect(page.locator(hidden)).to_be_hidden()
    await expect(page.locator(".causes > li").first).to_be_visible()
    ground = await page.evaluate(
        "getComputedStyle(document.querySelector('.card')).backgroundColor"
    )
    assert ground == "rgb(255, 255, 255)"


async def test_runs_are_asked_for_followed_and_compared(caller: Caller, looking: Looking) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS})
    await looking.go("runs")
    page = looking.page

    for outcome in (HTTPS, REFUSED):
        await page.locator("#ask [name=src]").fill("con-01")
        await page.get_by_role("button", name="Measure now").click()
        await expect(page.locator("td[data-run=running]")).to_have_count(1)
        await answer_run(caller, "con-01", {CONSOLE: outcome, CONSOLE_OLD: HTTPS})
        await page.locator("td[data-run=running]").wait_for(state="visible")
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.locator("td[data-run=running]")).to_have_count(0)

    await expect(page.locator("#run li").first).to_contain_text("con-01 → be-02 tcp/443")
    await expect(page.locator("#run li").first).to_contain_text("refused the connection")
    await page.locator("#run .tabs a").first.click()
    await expect(page.locator("#run li").first).to_contain_text("broke: ")
    assert looking.complaints == []


async def test_hosts_tell_how_their_probes_fare(caller: Caller, looking: Looking) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})
    window = {"hosts": "be-*", "until": "2099-01-01T00:00:00Z", "reason": "a new switch"}
    await caller.call("POST", "maintenance", window)

    await looking.go("hosts")

    page = looking.page
    row = page.locator("tr", has=page.get_by_role("link", name="con-01"))
    await expect(row).to_contain_text("up")
    await expect(row).to_contain_text("0.1.0")
    never = page.locator("tr", has=page.get_by_role("link", name="con-02"))
    await expect(never).to_contain_text("never reported")
    await expect(page.locator("main")).to_contain_text("hosts be-* a new switch")
    await expect(page.get_by_role("link", name="pc-001")).to_have_count(0)
    await page.locator("tr", has_text="home").get_by_role("link", name="hq").click()
    await expect(page.get_by_role("link", name="pc-003")).to_be_visible()
    await expect(page.get_by_role("link", name="pc-001")).to_have_count(0)


async def test_events_come_by_themselves_and_can_be_chosen_by_kind(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS})
    await looking.go("events?kind=turn")
    page = looking.page
    await expect(page.locator(".events")).to_contain_text("Nothing happened.")

    await confirm(caller, "con-01", {CONSOLE: REFUSED})

    row = page.locator(".events tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("ok → broken")
    await row.get_by_role("link").click()
    await expect(page.locator("#detail h2")).to_contain_text("con-01 → be-02")


async def test_agents_of_a_group_are_shown_by_site_and_one_by_one(
    caller: Caller, looking: Looking
) -> None:
    for number, path in enumerate(LEGACY, 1):
        await confirm(caller, f"pc-00{number}", {path: MSRPC if number > 1 else REFUSED})
    await looking.go()
    page = looking.page

    await page.locator("[data-open=hq]").click()
    await expect(page.locator(".within .name")).to_have_text([r"home1 agent", r"office2 agents"])
    await (
        page.locator("#matrix .line", has_text="3 agents")
        .locator(f'[data-path="{LEGACY[0]}"]')
        .click()
    )

    detail = page.locator("#detail")
    await expect(detail.locator("tr", has_text="office")).to_contain_text("office11")
    await expect(detail.locator("li").first).to_contain_text("pc-001")
    await expect(detail.locator("li").first).to_contain_text("refused the connection")
    await page.reload()
    await expect(detail.locator("li").first).to_contain_text("pc-001")
    assert "open=hq" in page.url


async def test_the_matrix_is_filtered_by_what_the_address_says(
    caller: Caller, looking: Looking
) -> None:
    await confirm(caller, "con-01", {CONSOLE: HTTPS, CONSOLE_OLD: REFUSED, CONSOLE_NEW: FILTERED})
    await looking.go("?from=con-*&verdict=broken")
    page = looking.page
    cells = page.locator("#matrix .cell")

    await expect(cells).to_have_count(1)
    await expect(page.locator("#filters [name=from]")).to_have_value("con-*")
    await page.locator("#filters [name=verdict]").select_option("not ok")
    await page.locator("#filters [name=from]").fill("con-01")
    await page.locator("#filters [name=to-host]").fill("be-0")

    await expect(cells).to_have_count(1)
    assert "verdict=not+ok" in page.url
    await page.locator("#filters [name=verdict]").select_option("")
    await expect(cells).to_have_count(2)
    await page.locator("#filters [name=to-host]").fill("nobody")
    await expect(page.locator("main")).to_contain_text("no path of this phase fits the filters")


async def test_sources_stand_by_site_when_asked(looking: Looking) -> None:
    await looking.go("?rows=site")

    titles = looking.page.locator("#matrix .title")
    await expect(titles.first).to_be_visible()
    assert {"dc1", "office", "agents by group"} <= set(await titles.all_inner_texts())


async def test_hostile_words_stay_words_on_every_page(browser: Browser, tmp_path: Path) -> None:
    text = INVENTORY.replace("site: office", f'site: "{ATTACK}"')
    seen = msgspec.structs.replace(FILTERED, address=ATTACK, detail=ATTACK, server=ATTACK)
    until = "2099-01-01T00:00:00Z"
    async with calling(settings_in(tmp_path, text)) as caller:
        await confirm(caller, "con-01", {CONSOLE: HTTPS})
        await confirm(caller, "con-01", {CONSOLE: seen})
        await confirm(caller, "pc-001", {LEGACY[0]: seen})
        for kind, scope in (("maintenance", {"hosts": "be-*"}), ("waivers", {"path": "sql:*"})):
            await caller.call("POST", kind, {**scope, "until": until, "reason": ATTACK})
        run = (await caller.call("POST", "runs", {"src": ["con-01", ATTACK]})).body["id"]
        async with looking_at(browser, caller.url) as looking:
            for place in PLACES:
                words = f"path={CONSOLE}" if place in {"/", "/path"} else f"run={run}"
                await looking.go(f"{place[1:]}?{words}")
                await expect(looking.page.locator("main")).to_contain_text(ATTACK)
                assert await looking.page.locator("img").count() == 0, place
                assert "taken" not in await looking.page.title()
        assert looking.complaints == []
