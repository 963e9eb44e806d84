"""Plans and what follows from them; one may be made ahead of the decision that needs it.

Of a hundred thousand agents that takes seconds, for which reports would have to wait.
"""

from collections.abc import Mapping
from typing import NamedTuple

from collector.assignments import Assignments
from collector.credentials import Joined
from collector.joining import with_joined
from collector.shown import Signs
from collector.timing import Timing
from flows.conditions import HostProblem, host_problems
from flows.expansion import expand
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.phases import PHASES, Phase
from flows.plan import Plan
from flows.versions import Versions


class Ground(NamedTuple):
    """What follows from a plan alone."""

    plan: Plan
    assignments: Assignments
    signs: Signs
    problems: Mapping[Phase, tuple[HostProblem, ...]]
    """What keeps hosts from a phase."""


class Planner:
    """Makes plans of one estate; the same object again for what was planned ahead."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._ahead: Ground | None = None
        self._read: tuple[str, str, Inventory] | None = None
        self._grown: tuple[Inventory, Mapping[str, Joined], Inventory] | None = None

    def read(self, text: str, name: str) -> Inventory:
        """Read an inventory; the same object again for the last one. Raises Refused."""
        last = self._read
        if last is None or last[:2] != (text, name):
            last = self._read = text, name, read_inventory(text, name)
        return last[2]

    def grown(self, declared: Inventory, joined: Mapping[str, Joined]) -> Inventory:
        """Lay the agents that joined over an inventory; the same object while both are the same."""
        last = self._grown
        if last is None or last[0] is not declared or last[1] != joined:
            copy = dict(joined)
            last = self._grown = declared, copy, with_joined(declared, copy)
        return last[2]

    def plan(self, versions: Versions) -> Plan:
        """Expand an inventory with the versions in force."""
        ahead = self._ahead
        if ahead is not None and is_same(ahead.plan.versions, versions):
            return ahead.plan
        return expand(versions.inventory, versions)

    def ground(self, plan: Plan) -> Ground:
        """Make what follows from a plan."""
        ahead = self._ahead
        return ahead if ahead is not None and ahead.plan is plan else _grounded(plan, self._timing)

    def plan_ahead(self, versions: Versions) -> None:
        """Make a plan, and what follows from it, for the next who asks; in any thread."""
        self._ahead = _grounded(expand(versions.inventory, versions), self._timing)

    def forget(self) -> None:
        """Let go of what was made ahead: it was used, or nobody will."""
        self._ahead = self._read = None


def is_same(one: Versions, other: Versions) -> bool:
    """Decide whether two plans would be the same; inventories are too large to compare."""
    is_alike = one.set_ == other.set_ and one.shown == other.shown
    return one.inventory is other.inventory and is_alike


def _grounded(plan: Plan, timing: Timing) -> Ground:
    assignments = Assignments(plan, timing)
    _ = plan.by_source, plan.services, plan.needed, plan.digest  # looked for once, at length
    _ = plan.inventory.groups_by_agent, plan.inventory.plain_agents, plan.inventory.others
    problems = {phase: tuple(host_problems(plan, phase)) for phase in PHASES}
    return Ground(plan, assignments, Signs(plan.inventory), problems)
