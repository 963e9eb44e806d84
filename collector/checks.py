"""Whose a check is, and which flows share it: what a report is asked before it is taken."""

from collections.abc import Iterable, Mapping

from collector.assignments import check_key
from collector.memory import Changes, CheckKey
from flows.plan import Plan


class Checks:
    """Every check that ever was, by its id."""

    def __init__(self, ids: Mapping[CheckKey, int], plan: Plan) -> None:
        self.restart(ids, plan)

    def restart(self, ids: Mapping[CheckKey, int], plan: Plan) -> None:
        """Know these, and forget what was known."""
        self._keys = {number: key for key, number in ids.items()}
        self._follow(plan)

    def foreign(self, host: str, numbers: Iterable[int]) -> int | None:
        """Find the first check that never was a host's; None where all are, or once were, its."""
        for number in numbers:
            key = self._keys.get(number)
            if key is None or key[0] != host:
                return number
        return None

    def flows(self, number: int) -> tuple[str, ...]:
        """List the flows that share a check; none where it left the plan."""
        return self._flows.get(number, ())

    def apply(self, changes: Changes) -> None:
        """Take in new checks, and another plan."""
        for key, number in changes.check_ids.items():
            self._keys[number] = key
        if changes.plan is not None:
            self._follow(changes.plan)

    def _follow(self, plan: Plan) -> None:
        flows: dict[CheckKey, tuple[str, ...]] = {}
        for path in plan:
            key = check_key(path)
            flows[key] = (*flows.get(key, ()), path.flow)
        # Few flows share a check, and many checks have the same ones.
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._flows = {
            number: shared.setdefault(flows[key], flows[key])
            for number, key in self._keys.items()
            if key in flows
        }
