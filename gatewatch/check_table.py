"""What a run of `gatewatch check` saw, as a table for people."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET

from flows.outcomes import AnsweredBy, Outcome
from flows.phases import Phase
from flows.plan import Path
from flows.verdicts import Verdict
from gatewatch.check_rows import WAIVED, Row
from gatewatch.terminal import (
    EXPECTATION_STYLES,
    FAINT,
    GOOD,
    VERDICT_STYLES,
    VERDICT_SYMBOLS,
    printable,
    styled,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_LIVELY = frozenset({Outcome.OPEN, Outcome.ANSWERED})


def show_seen(rows: Sequence[Row], console: "Console") -> None:
    """Print what the network did."""
    made = table(("destination", "port", "flow", "outcome", "time", "detail"), folding=("detail",))
    for row in rows:
        outcome = styled(row.outcome, GOOD if row.outcome in _LIVELY else "")
        made.add_row(row.dst, _port(row), row.flow, outcome, _time(row), printable(_detail(row)))
    console.print(made)
    counts = Counter(row.outcome for row in rows)
    console.print(", ".join(f"{counts[word]} {word}" for word in Outcome if counts[word]))


def show_judged(
    rows: Sequence[Row], paths: Sequence[Path], phase: Phase, console: "Console"
) -> None:
    """Print what we think of it, and why."""
    headings = ("", "destination", "port", "flow", "expected", "outcome", "reason")
    made = table(headings, folding=("reason",))
    for row, path in zip(rows, paths, strict=True):
        expected = path.expect.get(phase)
        asked = styled(expected, EXPECTATION_STYLES[expected]) if expected else styled("-", FAINT)
        reason = printable(row.reason or "")
        made.add_row(
            _symbol(row, binding=path.binds(phase)),
            row.dst,
            _port(row),
            row.flow,
            asked,
            row.outcome,
            reason,
        )
    console.print(made)
    _advise(rows, console)
    binding = [row for row, path in zip(rows, paths, strict=True) if path.binds(phase)]
    console.print(_counted(binding, phase))


def _advise(rows: Sequence[Row], console: "Console") -> None:
    for row in rows:
        for advice in row.advice or ():
            console.print(f"{row.path}: {printable(advice)}")


def _counted(binding: Sequence[Row], phase: Phase) -> str:
    counts = Counter(row.verdict for row in binding)
    said = ", ".join(f"{counts[word]} {word}" for word in (*Verdict, WAIVED) if counts[word])
    return f"{phase}: {said or 'nothing binds this host'}"


def _symbol(row: Row, *, binding: bool) -> "Text":
    if row.verdict is None or row.verdict is UNSET:
        return styled(VERDICT_SYMBOLS["advised"], FAINT)
    return styled(VERDICT_SYMBOLS[row.verdict], VERDICT_STYLES[row.verdict] if binding else FAINT)


def _port(row: Row) -> str:
    return f"{row.proto}/{row.port}"


def _time(row: Row) -> str:
    return f"{row.seconds * 1000:.1f} ms"


def _detail(row: Row) -> str:
    answered = row.answered_by not in {None, AnsweredBy.NONE}
    words = (
        f"{row.answered_by}, {row.identity}" if answered else "",
        row.detail or "",
        f"from {row.sender}" if row.sender else "",
        f"worst of {len(row.addresses)} addresses" if len(row.addresses) > 1 else "",
    )
    return "; ".join(word for word in words if word)
