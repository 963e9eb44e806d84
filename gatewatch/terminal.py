"""What a terminal shows. rich is loaded only when a table or a bar is really shown."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

WIDE = 1000
"""Columns where nobody looks: rows are not wrapped, so that grep finds them whole."""

GOOD, BAD, UNSURE, FAINT = "green", "red", "yellow", "dim"
"""Styles by what they mean."""

EXPECTATION_STYLES: Final[Mapping[str, str]] = {
    "serve": "bold cyan",
    "permit": "green",
    "closed": "magenta",
    "advised": FAINT,
    "retired": FAINT,
}
VERDICT_STYLES: Final[Mapping[str, str]] = {
    "ok": GOOD,
    "broken": BAD,
    "unproven": UNSURE,
    "pending": "cyan",
    "waived": "blue",
    "attested": "blue",
    "advised": FAINT,
}
"""By verdict, or by what keeps a path from having one that counts."""
VERDICT_SYMBOLS: Final[Mapping[str, str]] = {
    "ok": "✓",
    "broken": "✗",
    "unproven": "?",
    "pending": "…",
    "waived": "w",
    "attested": "a",
    "advised": "·",
}


def printable(text: str) -> str:
    """Escape what would steer a terminal: some of what we print was said by the network."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def console(stream: TextIO | None = None) -> "Console":
    """Make what prints tables: in colour on a terminal unless NO_COLOR is set, else plain."""
    from rich.console import Console  # noqa: PLC0415 - slow to load, needed for tables only

    target = sys.stdout if stream is None else stream
    colourless = bool(os.environ.get("NO_COLOR"))
    return Console(
        file=target,
        width=None if target.isatty() else WIDE,
        color_system=None if colourless or not target.isatty() else "auto",
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
    )


def table(headings: Iterable[str], folding: Iterable[str] = ()) -> "Table":
    """Make an empty table; the columns named in `folding` give way on a narrow terminal."""
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    made = Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for heading in headings:
        made.add_column(heading, overflow="fold", no_wrap=heading not in folding)
    return made


def styled(text: str, style: str) -> "Text":
    """Colour a text, which may be anybody's."""
    from rich.text import Text  # noqa: PLC0415 - as above

    return Text(printable(text), style)


def moment(at: datetime | None) -> str:
    """Write a time as the operator's own clock shows it."""
    return "-" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def warn(sentence: str) -> None:
    """Say on stderr what an operator should know and nothing hangs on."""
    print(f"warning: {printable(sentence)}", file=sys.stderr)


def write(chunks: Iterable[bytes]) -> None:
    """Write bytes to stdout as they come; UTF-8 whatever the terminal thinks of it."""
    sys.stdout.flush()
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
