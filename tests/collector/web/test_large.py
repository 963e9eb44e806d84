"""A matrix of 500 sources and 50 ports stays fluid: drawn in slices, changed in place."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.collector.samples import HTTPS, REFUSED
from tests.collector.serving import Caller, calling, settings_in
from tests.collector.web.browser import Looking, browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

CONSOLES, BACKENDS = 500, 25
PATH = "console-backend:con-007>be-03:tcp/443"
COUNT = """() => {
  window.touched = 0;
  new MutationObserver((records) => { window.touched += records.length; })
    .observe(document.getElementById("matrix"),
      { attributes: true, childList: true, subtree: true });
}"""
LONG_TASK_SECONDS = 0.05
"""A task that a person feels (W3C, Long Tasks API)."""
TRACED = ["disabled-by-default-devtools.timeline", "toplevel"]


def inventory() -> str:
    """Write an estate whose consoles call each backend on two ports."""
    consoles = "\n".join(
        f"  con-{number:03}: {{address: 10.2.{number // 250}.{number % 250 + 1}, roles: [console]}}"
        for number in range(CONSOLES)
    )
    backends = "\n".join(
        f"  be-{number:02}: {{address: 10.1.0.{number + 1}, roles: [backend, agent-handler]}}"
        for number in range(BACKENDS)
    )
    return f'migration: {{name: w, from: "2.6", to: "2.7.1"}}\nhosts:\n{consoles}\n{backends}\n'


def longest_task(trace: bytes) -> float:
    """Find the longest task of the page in a trace of the browser, in seconds of the processor."""
    events = msgspec.json.decode(trace)["traceEvents"]
    main = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        one["tdur"]
        for one in events
        if one["name"].endswith("RunTask") and "tdur" in one and (one["pid"], one["tid"]) in main
    ]
    assert len(tasks) > 20
    return float(max(tasks)) / 1e6


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def caller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path_factory.mktemp("estate"), inventory())) as caller:
        for _ in range(2):
            await caller.report("con-007", {PATH: HTTPS})
            caller.clock.pass_by(1)
        yield caller


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def looking(caller: Caller) -> AsyncIterator[Looking]:
    """The large matrix, once it stands."""
    async with browser_started() as browser, looking_at(browser, caller.url) as looking:
        await looking.go("?phase=backoffice")
        lines = looking.page.locator("#matrix .line")
        await expect(lines).to_have_count(CONSOLES + BACKENDS)
        await looking.page.wait_for_load_state("networkidle")
        yield looking


async def test_a_large_matrix_stays_fluid_while_events_arrive(
    caller: Caller, looking: Looking
) -> None:
    page = looking.page
    browser = page.context.browser
    assert browser is not None
    await expect(looking.cell(PATH)).to_have_attribute("data-verdict", "ok")
    await page.evaluate(COUNT)
    await browser.start_tracing(page=page, categories=TRACED)

    await caller.report("con-007", {PATH: REFUSED})
    await expect(looking.cell(PATH)).to_have_attribute("data-suspect", "")
    caller.clock.pass_by(1)
    await caller.report("con-007", {PATH: REFUSED})
    await expect(looking.cell(PATH)).to_have_attribute("data-verdict", "broken")

    assert longest_task(await browser.stop_tracing()) < LONG_TASK_SECONDS
    assert await page.evaluate("window.touched") < 20


async def test_lines_out_of_sight_get_their_cells_when_they_come_near(looking: Looking) -> None:
    page = looking.page
    name = page.locator("#matrix .name", has_text="con-444")
    far = looking.cell(PATH.replace("con-007", "con-444"))
    await expect(name).to_have_count(1)
    await expect(far).to_have_count(0)

    await name.scroll_into_view_if_needed()

    await expect(far).to_have_count(1)


async def test_keys_reach_the_far_end_of_a_large_matrix(looking: Looking) -> None:
    page = looking.page
    await looking.cell(PATH).focus()

    await page.keyboard.press("Control+End")
    last = await looking.focused("data-path")
    await page.keyboard.press("Control+Home")

    assert last == "handler-backend:be-24>be-24:tcp/8443"
    assert await looking.focused("data-path") == "console-backend:con-000>be-00:tcp/443"
