"""A plan as JSON, CSV or Markdown, one path at a time (FORMATS, `plan`)."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from flows.inventory import Inventory
from flows.phases import PHASES, Phase
from flows.plan import Path

COLUMNS = (
    "source",
    "source_address",
    "destination",
    "destination_address",
    "protocol",
    "port",
    "flow",
    "purpose",
    "guide",
    *PHASES,
)
_FORMULA = ("=", "+", "-", "@", "\t", "\n")
"""How a cell begins that a spreadsheet would run (OWASP, CSV injection)."""
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\|<*`"} | {"\n": " ", "\r": " "})


def as_json(paths: Iterable[Path], phase: Phase | None) -> Iterator[bytes]:
    """Write a JSON list with one path a line; of a phase, with that expectation only."""
    encode = msgspec.json.Encoder().encode
    opening = b"[\n"
    for path in paths:
        yield opening + encode(path if phase is None else _only(path, phase))
        opening = b",\n"
    yield b"[]\n" if opening == b"[\n" else b"\n]\n"


def as_csv(paths: Iterable[Path], inventory: Inventory) -> Iterator[bytes]:
    """Write CSV with a heading, safe to open in a spreadsheet."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for cells in chain([COLUMNS], (cells_of(path, inventory) for path in paths)):
        writer.writerow(map(_harmless, cells))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def as_markdown(paths: Iterable[Path], inventory: Inventory) -> Iterator[bytes]:
    """Write a Markdown table, as tickets and wikis take it."""
    yield _markdown_row(COLUMNS)
    yield _markdown_row(["---"] * len(COLUMNS))
    for path in paths:
        yield _markdown_row([cell.translate(_MARKDOWN) for cell in cells_of(path, inventory)])


def cells_of(path: Path, inventory: Inventory) -> tuple[str, ...]:
    """Fill the columns for a path; a phase that does not ask for it has an empty cell."""
    return (
        path.src,
        inventory.hosts[path.src].address,
        path.dst,
        path.dst_address,
        path.proto,
        str(path.port),
        path.flow,
        path.purpose,
        path.guide,
        *(path.expect.get(phase, "") for phase in PHASES),
    )


def _only(path: Path, phase: Phase) -> Path:
    return msgspec.structs.replace(path, expect={phase: path.expect[phase]})


def _harmless(cell: str) -> str:
    """Write a cell so that a spreadsheet takes it for text; lines end alike within it."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _markdown_row(cells: Iterable[str]) -> bytes:
    return f"| {' | '.join(cells)} |\n".encode()
