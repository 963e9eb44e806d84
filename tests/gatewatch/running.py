"""Runs the command line as an operator's shell would."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from gatewatch.cli import main

ROOT = Path(__file__).parents[2]
DESIGN = ROOT / "tests" / "data" / "design.yaml"
COMMAND = [sys.executable, "-m", "gatewatch"]


def environment(**more: str) -> dict[str, str]:
    """Make an environment in which nothing but what is named steers the command."""
    steering = ("GATEWATCH_COLLECTOR", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
    kept = {name: value for name, value in os.environ.items() if name not in steering}
    return {**kept, "PYTHONIOENCODING": "utf-8", **more}


def run(
    *words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `gatewatch` with these words and its output piped; its exit code is in the result."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=environment() if env is None else dict(env),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def a_free_port() -> int:
    """Find a port for what must be told its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


async def operate(url: str, *words: str) -> int:
    """Run a client command in this process against a collector of the running loop."""
    return await asyncio.to_thread(main, [*words, "--collector", url])
