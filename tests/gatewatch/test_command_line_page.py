"""Every example of docs/command-line.md, run in its order against real services on loopback."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gatewatch.cli import COMMANDS
from tests.fakes.https import HttpsServer
from tests.fakes.streams import Address
from tests.gatewatch.page import Example, Shell, examples_of, files_of
from tests.gatewatch.running import ROOT, a_free_port, environment

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
BACKEND = Address("127.0.77.11", 4443)
"""As the inventory of the page has it."""
PATIENCE_SECONDS = 30.0
"""Until a collector and a probe that were just started have seen everything."""
ELSEWHERE = {"demo": ROOT / "tools" / "wheel.sh"}
"""Commands whose example takes a minute, and what runs it."""


@pytest.mark.timeout(300)  # fifty commands, each a process of its own
async def test_every_example_prints_what_the_page_says(tmp_path: Path) -> None:
    port = str(a_free_port())
    page = PAGE.replace("8642", port).replace("/var/lib/gatewatch", str(tmp_path))
    for name, content in files_of(page).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    shell = Shell(tmp_path, environment(PATH=path, GATEWATCH_COLLECTOR=f"http://127.0.0.1:{port}"))

    async with HttpsServer.answering(bind=BACKEND):
        try:
            for example in examples_of(page):
                await assert_fits(shell, example)
        finally:
            codes = await asyncio.to_thread(shell.end)

    assert codes == [0, 0]


async def assert_fits(shell: Shell, example: Example) -> None:
    """Run an example; what is asked of a collector may need a moment to become true."""
    is_asked = bool(shell.background) and not example.in_background
    seconds = PATIENCE_SECONDS if is_asked and "echo" not in example.command else 0.0
    output = await asyncio.to_thread(shell.run_until_it_fits, example, seconds)

    assert example.fits(output), "\n".join(
        [f"$ {example.command}", "printed:", output, "the page says:", *example.printed]
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_is_run(name: str) -> None:
    if name in ELSEWHERE:
        assert f"gatewatch {name} " in ELSEWHERE[name].read_text(encoding="utf-8")
        assert f"`gatewatch {name}`" in PAGE
        return

    assert any(one.command.split()[:2] == ["gatewatch", name] for one in examples_of(PAGE))


@pytest.mark.parametrize(
    ("printed", "output", "fits"),
    [
        (("a ... c",), "a b c\n", True),
        (("a", "...", "d"), "a\nb\nc\nd\n", True),
        (("a", "...", "d"), "a\nd\n", True),
        (("a",), "a\nb\n", False),
        (("(a.)",), "(a.)  \n", True),
        (("a",), "b\n", False),
        ((), "", True),
    ],
)
def test_what_differs_each_time_is_told_from_what_must_not(
    printed: tuple[str, ...], output: str, fits: bool
) -> None:
    assert Example("true", printed).fits(output) is fits
