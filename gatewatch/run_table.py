"""Runs on a terminal: what is not ok, what came of all of it, and how two of them differ."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gatewatch.exit_codes import ExitCode
from gatewatch.runs import RUNNING, Change, Difference, Row, Run
from gatewatch.terminal import (
    BAD,
    FAINT,
    GOOD,
    UNSURE,
    VERDICT_STYLES,
    VERDICT_SYMBOLS,
    moment,
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


def show_runs(runs: Iterable[Run], printer: "Console") -> None:
    """Show the runs that are kept, the newest first."""
    made = table(
        ("id", "begun", "phase", "of", "state", "answered", "found", "by"),
        folding=("of", "found", "by"),
    )
    for run in runs:
        made.add_row(
            styled(run.id, ""),
            moment(run.created),
            styled(run.phase, ""),
            styled(_scope(run), ""),
            styled(run.state, ""),
            f"{run.done} of {run.checks}",
            styled(_counted(run) or "-", _style(run)),
            styled(run.by or "-", ""),
        )
    printer.print(made)


def _scope(run: Run) -> str:
    """Say which paths were asked for."""
    globs = (("flow", run.flow), ("src", run.src), ("dst", run.dst))
    return "; ".join(f"{name} {', '.join(said)}" for name, said in globs if said) or "all paths"


def _style(run: Run) -> str:
    if run.state == RUNNING or not _counted(run):
        return FAINT
    return {ExitCode.OK: GOOD, ExitCode.BROKEN: BAD}.get(run.exit_code, UNSURE)


def _counted(run: Run) -> str:
    return ", ".join(f"{count} {word}" for word, count in run.counts.items() if count)


def summary(run: Run) -> str:
    """Say in a line how a run stands."""
    counted = _counted(run)
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
