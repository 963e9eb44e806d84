"""Whose a check is, and which paths share it: what a report is asked before it is taken."""

from collections.abc import Iterable

from collector.state import State
from flows.plan import Path


def foreign(state: State, host: str, numbers: Iterable[int]) -> int | None:
    """Find the first check that never was a host's; None where all are, or once were, its."""
    for number in numbers:
        key = state.keys.get(number)
        if key is None or key[0] != host:
            return number
    return None


def sharing(state: State, number: int) -> tuple[Path, ...]:
    """List the paths that share a check; none where it left the plan."""
    key = state.keys.get(number)
    return state.assignments.paths.get(key, ()) if key else ()
