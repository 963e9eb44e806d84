"""The page compares two runs as `gatewatch run diff` does."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Page

from collector.web import routes
from gatewatch.runs import Row, Run, differences
from tests.collector.web.browser import browser_started, looking_at

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.asyncio(loop_scope="module")]

ROWS = st.builds(
    Row,
    path=st.sampled_from([f"sql:be-0{number}>sql-01:tcp/1433" for number in range(4)]),
    verdict=st.sampled_from(["ok", "broken", "unproven", "waived"]),
    reason=st.sampled_from(["it refused the connection", "no answer", ""]),
    outcome=st.sampled_from(["open", "refused", None]),
)
RUNS = st.lists(ROWS, max_size=4, unique_by=lambda row: row.path)
COMPARE = """async ([first, second]) => {
  const { differences } = await import("/web/run_differences.js");
  return differences(first, second).map(({ change, path }) => [change, path]);
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page() -> AsyncIterator[Page]:
    app = web.Application()
    app.router.add_routes(routes())
    async with (
        TestServer(app) as server,
        browser_started() as browser,
        looking_at(browser, f"http://{server.host}:{server.port}") as looking,
    ):
        await looking.page.goto(f"{looking.url}/web/icon.svg")
        yield looking.page


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(first=RUNS, second=RUNS)
async def test_both_find_the_same_differences_in_the_same_order(
    page: Page, first: list[Row], second: list[Row]
) -> None:
    runs = (
        Run(id="a", state="done", rows=tuple(first)),
        Run(id="b", state="done", rows=tuple(second)),
    )
    told = [(str(one.change), one.path) for one in differences(*runs)]

    found = await page.evaluate(COMPARE, msgspec.to_builtins([first, second]))

    assert [tuple(one) for one in found] == told
