"""A gate for people: its state, its counts, and what stands in the way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gatewatch.answers import Blocker, Gate
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import (
    BAD,
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

EXIT_CODES: Final[Mapping[str, ExitCode]] = {
    "READY": ExitCode.OK,
    "NOT_READY": ExitCode.BROKEN,
    "INCONCLUSIVE": ExitCode.UNPROVEN,
}
_STYLES: Final[Mapping[str, str]] = {"READY": GOOD, "NOT_READY": BAD, "INCONCLUSIVE": UNSURE}


def show_gate(gate: Gate, console: "Console") -> None:
    """Print the answer of a gate."""
    question = "has it reached its goal?" if gate.done else "may it start?"
    console.print(styled(f"{gate.phase}, {question} ", ""), end="")
    console.print(styled(gate.state, f"bold {_STYLES.get(gate.state, '')}"))
    console.print()
    counts = table(gate.counts)
    counts.add_row(*(str(number) for number in gate.counts.values()))
    console.print(counts)
    show_blockers(gate, console)


def show_blockers(gate: Gate, console: "Console") -> None:
    """Print what has to be done before the gate is ready."""
    if gate.blockers:
        console.print()
        made = table(
            ("", "what", "expected", "since", "reason", "guide"),
            folding=("what", "reason", "guide"),
        )
        for blocker in gate.blockers:
            made.add_row(
                styled(
                    VERDICT_SYMBOLS.get(blocker.verdict, "?"),
                    VERDICT_STYLES.get(blocker.verdict, ""),
                ),
                name_of(blocker),
                printable(blocker.expect),
                moment(blocker.since),
                printable(blocker.reason),
                printable(blocker.guide),
            )
        console.print(made)
    if gate.hosts:
        console.print()
        made = table(("host", "problem"))
        for host in gate.hosts:
            made.add_row(printable(host.host), printable(host.problem))
        console.print(made)


def name_of(blocker: Blocker) -> str:
    """Name a path, or the agents of a group."""
    if blocker.path is not None:
        return printable(blocker.path)
    return printable(f"{blocker.flow}: agents of {blocker.group} > {blocker.dst}")
