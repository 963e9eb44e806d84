"""The demo in a network namespace of its own, with a firewall that breaks one path for a while.

A process: `unshare --net python -m tests.collector.web.firewalled`. It prints what it saw as JSON:
when the page turned a cell, and when the collector told of it.
"""

import asyncio
import subprocess
import sys
import time

import msgspec
from playwright.async_api import expect

from gatewatch.api_client import Api, Connection, open_api
from gatewatch.demo.program import Show, play
from tests.collector.web.browser import Looking, browser_started, looking_at
from tests.gatewatch.running import a_free_port

PATH = "public-api:siem>be-02:tcp/10443"
PORT = 10443
WATCH = """(path) => {
  const cell = document.querySelector(`#matrix [data-path="${path}"]`);
  window.loads = (window.loads ?? 0) + 1;
  window.shown = [];
  new MutationObserver(() => window.shown.push({
    at: Date.now() / 1000, verdict: cell.dataset.verdict,
    suspect: "suspect" in cell.dataset, words: cell.title,
  })).observe(cell, { attributes: true, attributeFilter: ["data-verdict", "data-suspect"] });
}"""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell of the page became."""

    at: float
    """Seconds since 1970, by the browser."""
    verdict: str
    suspect: bool
    words: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the path, as the collector told it."""

    kind: str
    after: str
    reason: str
    heard: float
    """Seconds since 1970, by who follows the stream of events."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    shown: list[Shown]
    told: list[Told]
    complaints: list[str]
    loads: int


class Enough(Exception):  # noqa: N818 - it is no error
    """Nothing else is asked of the demo."""


def nft(rules: str) -> None:
    """Put rules in force, in place of all earlier ones."""
    subprocess.run(["nft", "-f", "-"], input=f"flush ruleset\n{rules}\n", text=True, check=True)


async def broken(looking: Looking, told: list[Told]) -> Seen:
    """Have the path dropped, see it broken, and repair it."""
    page, cell = looking.page, looking.cell(PATH)
    await expect(cell).to_have_attribute("data-verdict", "ok")
    await page.evaluate(WATCH, PATH)
    told.clear()
    to_port = f"ip daddr 127.80.1.12 tcp dport {PORT} drop"
    hook = "type filter hook input priority 0"
    nft(f"table ip lab {{\nchain input {{\n{hook}\n{to_port}\n}}\n}}")
    await expect(cell).to_have_attribute("data-verdict", "broken")
    nft("")
    await expect(cell).to_have_attribute("data-verdict", "ok")
    return Seen(
        shown=msgspec.convert(await page.evaluate("window.shown"), list[Shown]),
        told=list(told),
        complaints=looking.complaints,
        loads=await page.evaluate("performance.getEntriesByType('navigation').length"),
    )


async def hear(api: Api, told: list[Told]) -> None:
    """Note when the collector tells of each event of the path."""
    async with api.follow("events/stream", path=PATH) as coming:
        async for content in coming:
            event = msgspec.json.decode(content)
            words = {name: event[name] for name in ("kind", "after", "reason")}
            told.append(Told(**words, heard=time.time()))


async def watch(url: str) -> Seen:
    """Look at the page meanwhile."""
    told: list[Told] = []
    async with (
        browser_started() as browser,
        looking_at(browser, url) as looking,
        open_api(Connection(url)) as api,
        asyncio.TaskGroup() as tasks,
    ):
        hearing = tasks.create_task(hear(api, told))
        await looking.go()
        found = await broken(looking, told)
        hearing.cancel()
    return found


async def main() -> None:
    """Play the demo up to its first step, and make breaks of our own there."""
    found: list[Seen] = []
    port = a_free_port()

    async def proceed(_announced: str) -> None:
        found.append(await watch(f"http://127.0.0.1:{port}"))
        raise Enough

    try:
        await play(Show(port, proceed, linger=False))
    except* Enough:
        sys.stdout.buffer.write(b"\n" + msgspec.json.encode(found[0]) + b"\n")


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    asyncio.run(main())
