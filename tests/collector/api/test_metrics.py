"""Prometheus finds this process and the estate, apart or together."""

import gzip

import pytest

from tests.collector.samples import CONSOLE, HTTPS
from tests.collector.serving import Caller

SELF = b"gatewatch_collector_reports_total 1.0\n"
ESTATE = b'gatewatch_phase_current{phase="baseline"} 1\n'


async def test_the_page_of_this_process_counts_its_work(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    reply = await caller.get("/metrics/self")

    assert SELF in reply.content
    assert ESTATE not in reply.content
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_the_page_of_the_estate_shows_the_paths(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    page = (await caller.get("/metrics/estate")).content

    assert ESTATE in page
    assert SELF not in page
    labels = b'flow="console-backend",src="con-01",dst="be-02",proto="tcp",port="443"'
    assert b'gatewatch_path_ok{phase="baseline",' + labels + b"} 1\n" in page


async def test_one_page_holds_both(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    page = (await caller.get("/metrics")).content

    assert SELF in page
    assert ESTATE in page


async def test_the_page_of_this_process_tells_whether_it_can_keep_reports(caller: Caller) -> None:
    before = (await caller.get("/metrics/self")).content
    caller.file.unlink()
    caller.clock.pass_by(10)

    after = await caller.get("/metrics/self")

    assert b"gatewatch_collector_ready 1.0\n" in before
    assert after.status == 200
    assert b"gatewatch_collector_ready 0.0\n" in after.content


async def test_a_scraper_that_takes_gzip_gets_it(caller: Caller) -> None:
    async with caller.session.get(
        f"{caller.url}/metrics/estate", headers={"Accept-Encoding": "gzip"}
    ) as packed:
        page = await packed.read()
    plain = await caller.call("GET", "/metrics/estate", headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert page == plain.content


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("deflate, GZIP ; q=0.5", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("", False),
        ("xgzip", False),
    ],
)
async def test_a_page_is_packed_only_for_who_takes_it(
    caller: Caller, accepted: str, *, is_packed: bool
) -> None:
    url, headers = f"{caller.url}/metrics/estate", {"Accept-Encoding": accepted}
    async with caller.session.get(url, headers=headers, auto_decompress=False) as reply:
        page = await reply.read()

    assert (reply.headers.get("Content-Encoding") == "gzip") == is_packed
    assert (gzip.decompress(page) if is_packed else page).startswith(b"# HELP gatewatch_")
