"""The matrix on a terminal: sources against destinations and ports, then what is not ok."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gatewatch.matrix_cells import (
    AGENTS,
    Cells,
    Column,
    Line,
    Part,
    columns_of,
    findings,
    speaker,
)
from gatewatch.terminal import (
    FAINT,
    VERDICT_STYLES,
    VERDICT_SYMBOLS,
    moment,
    printable,
    styled,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_GAP = 2
"""Blanks between columns."""


def show_matrix(cells: Cells, console: "Console") -> None:
    """Print the cells; columns that do not fit beside each other come below."""
    columns = columns_of(cells)
    room = console.width - max((len(_label(line, cells)) for line in cells), default=0)
    for block in _blocks(columns, room):
        _show_block(cells, block, console)
        console.print()
    if any(part.suspect for line in cells.values() for cell in line.values() for part in cell):
        console.print("* something else was seen once, and is not confirmed yet")
    console.print(_legend())


def show_findings(cells: Cells, console: "Console") -> None:
    """Print what is not ok, and why."""
    found = findings(cells)
    if not found:
        return
    console.print()
    made = table(("", "path", "expected", "since", "reason"), folding=("path", "reason"))
    for one in found:
        made.add_row(
            _symbol(one.part.state),
            printable(one.name),
            one.part.expect,
            moment(one.part.since),
            printable(one.part.reason),
        )
    console.print(made)


def _blocks(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """Cut the columns into blocks that fit; one column at least, however narrow it is."""
    block: list[Column] = []
    used = 0
    for column in columns:
        width = max(map(len, _heading(column))) + _GAP
        if block and used + width > room:
            yield block
            block, used = [], 0
        block.append(column)
        used += width
    if block:
        yield block


def _show_block(cells: Cells, block: Sequence[Column], console: "Console") -> None:
    made = table(("", *("\n".join(_heading(column)) for column in block)))
    section = None
    for line, columns in cells.items():
        if not any(column in columns for column in block):
            continue
        if line.section != section:
            section = line.section
            made.add_row(styled(section, "bold"))
        found = (_cell(columns.get(column)) for column in block)
        made.add_row(_label(line, cells), *found)
    console.print(made)


def _heading(column: Column) -> tuple[str, str]:
    return column.dst, f"{column.proto}/{column.port}"


def _label(line: Line, cells: Cells) -> str:
    if line.section != AGENTS:
        return f"  {line.source}"
    agents = max(part.agents for parts in cells[line].values() for part in parts)
    return f"  {line.source}: {agents} agent{'' if agents == 1 else 's'}"


def _cell(parts: Sequence[Part] | None) -> "Text | str":
    if parts is None:
        return ""
    part = speaker(parts)
    several = part.state not in {"ok", "advised"} and part.agents > 1
    alike = sum(one.count for one in parts if one.state == part.state) if several else 0
    is_suspect = any(one.suspect for one in parts)
    return _symbol(part.state, f"{alike or ''}{'*' if is_suspect else ''}")


def _symbol(state: str, more: str = "") -> "Text":
    return styled(VERDICT_SYMBOLS.get(state, "!") + more, VERDICT_STYLES.get(state, "bold"))


def _legend() -> "Text":
    words = {**dict.fromkeys(VERDICT_SYMBOLS, ""), "pending": "goal, not reached yet"}
    words["advised"] = "shown only"
    return styled(
        "  ".join(f"{VERDICT_SYMBOLS[state]} {word or state}" for state, word in words.items()),
        FAINT,
    )
