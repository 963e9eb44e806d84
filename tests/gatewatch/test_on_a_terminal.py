"""Real processes on a real terminal: colours and bars for people, nothing of them in a pipe."""

import asyncio
import json
import os
import pty
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fakes.streams import Address
from tests.fakes.tcp import FullBacklog
from tests.gatewatch.running import COMMAND, DESIGN, environment


class Shown(NamedTuple):
    """What a command printed."""

    terminal: str
    piped: str


def run_on_terminal(*words: str, pipe_stdout: bool = False, **variables: str) -> Shown:
    """Run a command whose stderr, and stdout unless it is piped, are a terminal."""
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe_stdout else follower,
        stderr=follower,
        env=environment(TERM="xterm-256color", COLUMNS="120", **variables),
        text=True,
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    piped = running.communicate(timeout=60)[0] or ""
    os.close(leader)
    return Shown(shown.decode(), piped)


def test_a_terminal_gets_colours() -> None:
    shown = run_on_terminal("plan", "-i", str(DESIGN), "--phase", "prepare")

    assert "\x1b[1;36mserve" in shown.terminal


def test_no_color_is_obeyed() -> None:
    shown = run_on_terminal("plan", "-i", str(DESIGN), "--phase", "prepare", NO_COLOR="1")

    assert "serve" in shown.terminal
    assert "\x1b" not in shown.terminal


@pytest.mark.parametrize("wanted", ["table", "json", "csv", "markdown"])
def test_a_pipe_gets_no_escapes(wanted: str) -> None:
    shown = run_on_terminal("plan", "-i", str(DESIGN), "--format", wanted, pipe_stdout=True)

    assert "console-backend" in shown.piped
    assert "\x1b" not in shown.piped


async def test_a_check_that_takes_over_a_second_shows_a_bar_beside_its_output(
    tmp_path: Path,
) -> None:
    async with FullBacklog(bind=Address("127.0.8.50", 0)) as address:
        (tmp_path / "estate.yaml").write_text(
            'migration: {name: t, from: "2.6", to: "2.7.1"}\n'
            "hosts:\n"
            "  pc-001: {address: 127.0.8.1, roles: [agent]}\n"
            f"  dst: {{address: {address.host}, roles: []}}\n"
            "extra_flows:\n"
            f"  - {{flow: slow, from: pc-001, to: dst, proto: tcp, port: {address.port},"
            " service: tcp, expect: serve, why: test}\n"
        )
        words = ("check", "-i", str(tmp_path / "estate.yaml"), "--host", "pc-001")
        shown = await asyncio.to_thread(
            run_on_terminal, *words, "--format", "json", pipe_stdout=True
        )

    assert "pc-001 measures" in shown.terminal
    assert "0/1" in shown.terminal
    assert [row["outcome"] for row in json.loads(shown.piped)] == ["filtered"]
