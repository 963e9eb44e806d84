"""Whose a check is, and which flows share it: what a report is asked before it is taken."""

from collections.abc import Iterable
from operator import attrgetter

from collector.state import State

_flow = attrgetter("flow")


def foreign(state: State, host: str, numbers: Iterable[int]) -> int | None:
    """Find the first check that never was a host's; None where all are, or once were, its."""
    for number in numbers:
        key = state.keys.get(number)
        if key is None or key[0] != host:
            return number
    return None


def flows(state: State, number: int) -> Iterable[str]:
    """List the flows that share a check; none where it left the plan."""
    key = state.keys.get(number)
    return map(_flow, state.assignments.paths.get(key, ())) if key else ()
