"""Runs on a terminal: what is not ok, what came of all of it, and how two of them differ."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gatewatch.runs import RUNNING, Change, Difference, Row, Run
from gatewatch.terminal import (
    BAD,
    FAINT,
    GOOD,
    UNSURE,
    VERDICT_STYLES,
    VERDICT_SYMBOLS,
    printable,
    styled,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {Change.BROKE: BAD, Change.FIXED: GOOD, Change.OTHER: UNSURE}
_FINE = "ok"


def show_run(run: Run, printer: "Console") -> None:
    """Show what a run found: the paths that are not ok, and how many count as what."""
    bad = [row for row in run.rows if row.verdict != _FINE]
    if bad:
        made = table(("", "path", "expected", "outcome", "reason"), folding=("path", "reason"))
        for row in bad:
            style = VERDICT_STYLES.get(row.verdict, UNSURE) if row.binding else FAINT
            made.add_row(
                styled(VERDICT_SYMBOLS.get(row.verdict, "?"), style),
                styled(row.path, ""),
                styled(row.expect, ""),
                styled(row.outcome or "-", ""),
                styled(row.reason, ""),
            )
        printer.print(made)
    printer.print(printable(summary(run)))


def summary(run: Run) -> str:
    """Say in a line how a run stands."""
    counted = ", ".join(f"{count} {word}" for word, count in run.counts.items() if count)
    silent = f"; silent: {_named(run)}" if run.silent_probes else ""
    answered = f"{run.done} of {run.checks} checks answered"
    binding = f"; {counted}" if counted and run.state != RUNNING else ""
    return f"run {run.id}, {run.phase}, {run.state}: {answered}{binding}{silent}"


def _named(run: Run) -> str:
    others = run.silent_probes - len(run.silent)
    return ", ".join(run.silent) + (f" and {others} more" if others else "")


def show_differences(found: Iterable[Difference], printer: "Console") -> None:
    """Show the paths of which two runs say something else."""
    made = table(("change", "path", "before", "after"), folding=("path", "before", "after"))
    for one in found:
        made.add_row(
            styled(one.change, _STYLES.get(one.change, FAINT)),
            styled(one.path, ""),
            styled(_words(one.before), ""),
            styled(_words(one.after), ""),
        )
    printer.print(made)


def _words(row: Row | None) -> str:
    return "-" if row is None else f"{row.verdict}: {row.reason}"
