"""A scraper that gives up in the middle of a page is nobody's fault, and nobody's concern."""

import asyncio
import dataclasses
import logging
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from collector.settings import Settings
from tests.collector.serving import calling, settings_in

AGENTS = 400
AGENT = "  pc-{0:03d}: {{address: 10.9.{1}.{2}, roles: [agent]}}\n"
LARGE = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  ah-01: {address: 10.1.0.1, roles: [agent-handler]}
  ah-02: {address: 10.1.0.2, roles: [agent-handler]}
%s
handler_groups:
  all: {handlers: [ah-01, ah-02], agents: [%s]}
"""
RESETS = struct.pack("ii", 1, 0)
"""SO_LINGER: close at once, and with a reset."""


def large_settings(folder: Path) -> Settings:
    agents = (AGENT.format(n, n // 250, n % 250 + 1) for n in range(AGENTS))
    names = ", ".join(f"pc-{n:03d}" for n in range(AGENTS))
    text = LARGE % ("".join(agents), names)
    return dataclasses.replace(settings_in(folder, text), per_agent=True)


async def give_up(url: str, encoding: str) -> bytes:
    """Ask for the page, read its beginning, and reset the connection."""
    where, loop = urlsplit(url), asyncio.get_running_loop()
    with socket.socket() as dialled:
        dialled.setblocking(False)
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESETS)
        await loop.sock_connect(dialled, (where.hostname, where.port))
        asked = f"GET /metrics/estate HTTP/1.1\r\nHost: c\r\nAccept-Encoding: {encoding}\r\n\r\n"
        await loop.sock_sendall(dialled, asked.encode())
        return await loop.sock_recv(dialled, 1024)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_scraper_may_give_up_in_the_middle_of_a_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    async with calling(large_settings(tmp_path)) as caller:
        whole = (await caller.get("/metrics/estate")).content
        for _ in range(3):
            assert (await give_up(caller.url, encoding)).startswith(b"HTTP/1.1 200 OK\r\n")

        again = (await caller.get("/metrics/estate")).content

    assert len(whole) > 1 << 20
    assert again == whole
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
