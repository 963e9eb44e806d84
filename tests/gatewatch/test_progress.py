import asyncio
import io
import sys

import pytest

from gatewatch import progress
from gatewatch.progress import Progress


class Terminal(io.StringIO):
    """What says that it is a terminal, and tells when something is written."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self.written = asyncio.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._loop.call_soon_threadsafe(self.written.set)  # rich draws from a thread of its own
        return super().write(text)


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let stderr be a terminal, for the test itself: pytest sets its own before each."""
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    return shown


async def test_what_takes_a_moment_is_shown_and_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(progress, "APPEARS_AFTER_SECONDS", 0.0)

    stdout = sys.stdout
    with Progress("con-01 measures", 3) as bar:
        bar.step()
        async with asyncio.timeout(10):
            await terminal.written.wait()
        bar.step()

    shown = terminal.getvalue()
    assert "con-01 measures" in shown
    assert "1/3" in shown
    assert shown.endswith("\x1b[2K")
    assert sys.stdout is stdout


async def test_several_steps_are_counted_and_what_is_left_is_estimated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(progress, "APPEARS_AFTER_SECONDS", 0.0)

    with Progress("run 01A", 10, eta=True) as bar:
        bar.step(7)
        async with asyncio.timeout(10):
            await terminal.written.wait()

    shown = terminal.getvalue()
    assert "7/10" in shown
    assert "-:--:--" in shown


async def test_what_is_over_at_once_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)

    with Progress("con-01 measures", 1) as bar:
        bar.step()

    assert terminal.getvalue() == ""


async def test_a_hidden_bar_never_appears(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(progress, "APPEARS_AFTER_SECONDS", 0.0)

    with Progress("con-01 measures", 1, hidden=True) as bar:
        await asyncio.sleep(0)
        bar.step()

    assert terminal.getvalue() == ""


async def test_a_pipe_gets_no_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "APPEARS_AFTER_SECONDS", 0.0)

    with Progress("con-01 measures", 1) as bar:
        await asyncio.sleep(0)
        bar.step()

    assert capsys.readouterr().err == ""
