import io
import os
import pty
import sys

import pytest

from gatewatch.terminal import WIDE, console, printable, table, warn, write


class Terminal(io.StringIO):
    """What says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO) -> str:
    """Print a coloured table there."""
    made = table(("name", "what"))
    made.add_row("be-01", "[red]plain[/red] :smile:", style="green")
    console(stream).print(made)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[" in shown_on(Terminal())


def test_a_pipe_gets_none() -> None:
    assert "\x1b[" not in shown_on(io.StringIO())


def test_no_color_is_obeyed_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[" not in shown_on(Terminal())


def test_what_an_operator_wrote_is_no_markup() -> None:
    assert "[red]plain[/red] :smile:" in shown_on(io.StringIO())


def test_rows_are_not_wrapped_where_nobody_looks() -> None:
    stream = io.StringIO()
    made = table(("long",), folding=("long",))
    made.add_row("x" * (WIDE - 10))

    console(stream).print(made)

    assert "x" * (WIDE - 10) in stream.getvalue()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain words, ✓ and é", "plain words, ✓ and é"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("two\nlines", "two\\nlines"),
        ("\u202eright to left", "\\u202eright to left"),
    ],
)
def test_what_would_steer_a_terminal_is_escaped(said: str, shown: str) -> None:
    assert printable(said) == shown


def test_a_warning_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    warn("mind the gap")

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "warning: mind the gap\n")


def test_bytes_are_written_after_what_was_printed(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    sys.stdout.write("first ")
    write([b"sec", "önd\n".encode()])

    assert capsysbinary.readouterr().out == "first secönd\n".encode()


def test_a_real_terminal_is_one() -> None:
    leader, follower = pty.openpty()

    with os.fdopen(follower, "w") as stream:
        assert console(stream).color_system is not None
    os.close(leader)
