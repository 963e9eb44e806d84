"""What was acknowledged is there after a restart, whatever killed the collector."""

import asyncio
import json
import random
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from flows.messages import to_json
from tests.collector.processes import running
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY, REFUSED, result_of
from tests.collector.serving import a_report

SENDERS = {"con-01": CONSOLE, "con-02": "console-backend:con-02>be-02:tcp/443"}
SEED = 20261123


class Sender:
    """A probe that reports without a pause, and notes what was acknowledged."""

    def __init__(self, host: str, path: str) -> None:
        self.host = host
        self.path = path
        self.seq = 0
        self.acknowledged = 0
        self.at = datetime.now(UTC) - timedelta(hours=1)

    async def send_on(
        self, session: aiohttp.ClientSession, url: str, acknowledged: asyncio.Queue[int]
    ) -> None:
        """Report until the collector is gone; the last report is sent again after its restart."""
        try:
            async with session.get(f"{url}/api/v1/path", params={"path": self.path}) as answer:
                check = (await answer.json())["check"]
            while True:
                if self.acknowledged == self.seq:
                    self.seq += 1
                    self.at += timedelta(milliseconds=10)
                seen = HTTPS if self.seq % 2 else REFUSED
                results = [result_of(check, seen, self.at)]
                report = a_report(self.host, results, datetime.now(UTC), "spool", self.seq)
                body = to_json(report)
                async with session.post(f"{url}/api/v1/reports", data=body) as answer:
                    assert answer.status == 200, await answer.text()
                    assert (await answer.json())["seq"] == self.seq
                self.acknowledged = self.seq
                acknowledged.put_nowait(self.seq)
        except aiohttp.ClientError:
            return


async def send_until_killed(
    senders: list[Sender], url: str, process: subprocess.Popen[str], reports: int
) -> None:
    """Let the senders report, and kill the collector once so many more were acknowledged."""
    acknowledged: asyncio.Queue[int] = asyncio.Queue()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        for sender in senders:
            tasks.create_task(sender.send_on(session, url, acknowledged))
        for _ in range(reports):
            await acknowledged.get()
        process.kill()
        await asyncio.to_thread(process.wait)


def held(file: Path) -> dict[str, tuple[int, datetime]]:
    """Read from the store the last report of each host, and what it saw last."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT host, streams, cells FROM sources").fetchall()
    return {host: (seq_of(streams), newest_of(cells)) for host, streams, cells in rows}


def seq_of(streams: bytes) -> int:
    seq: int = json.loads(streams)["spool"][0]
    return seq


def newest_of(cells: bytes) -> datetime:
    return max(datetime.fromisoformat(cell["observed_at"]) for cell in json.loads(cells).values())


async def survive(tmp_path: Path, rounds: int) -> None:
    """Kill a collector under load so often, and compare what it said with what it holds."""
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    config = tmp_path / "collector.yaml"
    config.write_text(f"listen: 127.0.0.1:0\nstore: sqlite://{tmp_path}/gatewatch.db\n")
    moments = random.Random(SEED)
    senders = [Sender(host, path) for host, path in SENDERS.items()]

    for _ in range(rounds):
        with running(config) as (process, url):
            await send_until_killed(senders, url, process, moments.randint(1, 40))

        found = held(tmp_path / "gatewatch.db")
        for sender in senders:
            seq, seen_at = found[sender.host]
            assert seq in {sender.acknowledged, sender.seq}
            expected = sender.at if seq == sender.seq else sender.at - timedelta(milliseconds=10)
            assert abs(seen_at - expected) < timedelta(milliseconds=1)


async def test_an_acknowledged_report_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    await survive(tmp_path, 5)


@pytest.mark.soak
async def test_it_survives_fifty_of_them(tmp_path: Path) -> None:
    await survive(tmp_path, 50)
