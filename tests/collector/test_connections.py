"""Who is slow to ask is cut off; who rests between two calls, or is answered slowly, is not."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
import uvloop

from collector.settings import Limits, Tls
from tests.collector.serving import Caller, calling, settings_in

PATIENCE = 0.3
SLOW = b'gatewatch_collector_refusals_total{problem="too-slow"} '
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LIMIT = 10.0
"""Seconds within which a connection ends that has to; aiohttp itself takes 75."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path, limits=Limits(slow_client=PATIENCE))) as caller:
        yield caller


def address(caller: Caller) -> tuple[str, int]:
    host, _, port = caller.url.rpartition("/")[2].rpartition(":")
    return host, int(port)


@asynccontextmanager
async def connected(caller: Caller) -> AsyncIterator[Streams]:
    """Connect, and say nothing yet."""
    reader, writer = await asyncio.open_connection(*address(caller))
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(streams: Streams) -> bytes:
    """Make one call, and give the line with its status."""
    reader, writer = streams
    writer.write(HEAD)
    status = await reader.readline()
    length = 0
    while line := (await reader.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    await reader.readexactly(length)
    return status


async def is_cut_off(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection on which nothing more is said."""
    try:
        async with asyncio.timeout(LIMIT):
            return await reader.read() == b""
    except ConnectionResetError:
        return True


async def slow_ones(caller: Caller) -> float:
    page = (await caller.get("/metrics/self")).content
    return sum(float(line.removeprefix(SLOW)) for line in page.splitlines() if SLOW in line)


async def trickle(writer: asyncio.StreamWriter, head: bytes) -> None:
    """Send a head one byte after the other, each well before the patience ends."""
    for byte in head:
        writer.write(bytes([byte]))
        await asyncio.sleep(PATIENCE / 5)


async def test_a_head_that_trickles_is_cut_off_and_counted(caller: Caller) -> None:
    async with connected(caller) as (reader, writer), asyncio.TaskGroup() as tasks:
        trickling = tasks.create_task(trickle(writer, HEAD * 10))

        assert await is_cut_off(reader)
        trickling.cancel()

    assert await slow_ones(caller) == 1


def test_so_it_is_on_the_loop_that_the_program_takes(tmp_path: Path) -> None:
    async def cut_off() -> float:
        async with calling(settings_in(tmp_path, limits=Limits(slow_client=PATIENCE))) as caller:
            async with connected(caller) as (reader, writer):
                writer.write(HEAD[:20])
                assert await is_cut_off(reader)
            return await slow_ones(caller)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(cut_off()) == 1


async def test_so_is_one_that_comes_after_a_call_on_the_same_connection(caller: Caller) -> None:
    async with connected(caller) as (reader, writer):
        assert b" 200 " in await ask((reader, writer))
        writer.write(HEAD[:20])

        assert await is_cut_off(reader)

    assert await slow_ones(caller) == 1


async def test_who_connects_and_says_nothing_is_cut_off_and_not_counted(caller: Caller) -> None:
    async with connected(caller) as (reader, _):
        assert await is_cut_off(reader)

    assert await slow_ones(caller) == 0


async def test_a_connection_may_rest_between_two_calls(caller: Caller) -> None:
    async with connected(caller) as streams:
        first = await ask(streams)
        await asyncio.sleep(3 * PATIENCE)
        second = await ask(streams)

    assert (first.split()[1], second.split()[1]) == (b"200", b"200")


async def test_an_answer_may_take_longer_than_a_head(caller: Caller) -> None:
    known = (await caller.get("assignments/con-01")).headers["ETag"]
    waiting = await caller.call(
        "GET", "assignments/con-01", query={"wait": "1"}, headers={"If-None-Match": known}
    )

    assert waiting.status == 304
    assert await slow_ones(caller) == 0


async def test_a_head_that_is_no_http_is_answered_and_not_slow(caller: Caller) -> None:
    async with connected(caller) as (reader, writer):
        writer.write(b"nonsense\r\n\r\n")

        assert (await reader.readline()).split()[1] == b"400"
        assert await reader.read()

    assert await slow_ones(caller) == 0


async def test_a_handshake_of_tls_has_no_more_time(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    settings = dataclasses.replace(
        settings_in(tmp_path, limits=Limits(slow_client=PATIENCE)),
        tls=Tls(tmp_path / "cert.pem", tmp_path / "key.pem"),
    )
    async with calling(settings) as caller, connected(caller) as (reader, writer):
        writer.write(b"\x16\x03\x01")  # the first bytes of a ClientHello

        assert await is_cut_off(reader)
