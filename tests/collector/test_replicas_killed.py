"""One of several collectors is killed under load: nothing that was acknowledged is lost."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from collector.program import utc_now
from flows.messages import to_json
from tests.collector import postgres
from tests.collector.balancer import balancing
from tests.collector.processes import together
from tests.collector.samples import HTTPS, INVENTORY, REFUSED, result_of
from tests.collector.serving import a_report

pytestmark = pytest.mark.needs(postgres.NEEDED)

REPLICAS = 3
HOSTS = ("be-01", "be-02", "ah-02", "con-01", "con-02", "pc-001", "pc-002", "pc-003")


class Probe:
    """Reports one after the other, each until it is acknowledged."""

    def __init__(self, host: str, check: int) -> None:
        self.host = host
        self.check = check
        self.acknowledged = 0

    async def report(self, url: str, reports: int, halfway: asyncio.Event) -> None:
        async with aiohttp.ClientSession() as session:
            for seq in range(1, reports + 1):
                seen = HTTPS if seq % 2 else REFUSED
                results = [result_of(self.check, seen, utc_now())]
                body = to_json(a_report(self.host, results, utc_now(), "spool", seq))
                while not await self._is_taken(session, url, body):
                    pass
                self.acknowledged = seq
                if seq == reports // 2:
                    halfway.set()

    async def _is_taken(self, session: aiohttp.ClientSession, url: str, body: bytes) -> bool:
        try:
            async with session.post(f"{url}/api/v1/reports", data=body) as answer:
                assert answer.status in {200, 503}, await answer.text()
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def probes_of(url: str) -> list[Probe]:
    async with aiohttp.ClientSession() as session:
        found = []
        for host in HOSTS:
            async with session.get(f"{url}/api/v1/assignments/{host}") as answer:
                checks = (await answer.json())["checks"]
            found.append(Probe(host, checks[0]["id"]))
        return found


async def matrices(urls: list[str]) -> list[object]:
    async with aiohttp.ClientSession() as session:
        found: list[object] = []
        for url in urls:
            async with session.get(f"{url}/api/v1/matrix") as answer:
                rows = (await answer.json())["rows"]
            found.append([(row["path"], row["outcome"], row["observed_at"]) for row in rows])
        return found


async def lose_one_of_three(folder: Path, server: postgres.Server, reports: int) -> None:
    """Let every probe report so often through a balancer, and kill a collector in the middle."""
    (folder / "inventory.yaml").write_text(INVENTORY)
    with server.database() as store:
        config = folder / "collector.yaml"
        config.write_text(f"listen: 127.0.0.1:0\nstore: {store}\n")
        async with AsyncExitStack() as stack:
            started = await together(config, REPLICAS, stack)
            ports = [urlsplit(url).port or 0 for _, url in started]
            balanced = await stack.enter_async_context(balancing(ports))
            probes, halfway = await probes_of(balanced), asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                for probe in probes:
                    tasks.create_task(probe.report(balanced, reports, halfway))
                await halfway.wait()
                started[0][0].kill()

            assert [probe.acknowledged for probe in probes] == [reports] * len(HOSTS)
            name = store.rpartition("/")[2]
            kept = server.run("SELECT host, convert_from(streams, 'UTF8') FROM sources", name)
            seqs = {
                host: json.loads(streams)["spool"][0]
                for host, _, streams in (line.partition("|") for line in kept.splitlines())
            }
            assert seqs == dict.fromkeys(HOSTS, reports)
            await same_soon([url for _, url in started[1:]])


async def same_soon(urls: list[str]) -> None:
    """Wait until all collectors show the same; fails if they do not, on however busy a machine."""
    async with asyncio.timeout(5.0):
        while True:
            first, *others = await matrices(urls)
            if all(other == first for other in others):
                return


async def test_one_of_three_may_be_lost(tmp_path: Path, server: postgres.Server) -> None:
    await lose_one_of_three(tmp_path, server, 60)


@pytest.mark.soak
async def test_one_of_three_may_be_lost_in_the_middle_of_20_000_reports(
    tmp_path: Path, server: postgres.Server
) -> None:
    await lose_one_of_three(tmp_path, server, 2500)
