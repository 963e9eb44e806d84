"""The state of an estate: its memory, with the plan and all that follows from both.

Only `apply` changes it, and nothing here decides anything.
"""

from collections.abc import Collection, Mapping, Set
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import msgspec

from collector.assignments import check_key
from collector.away import Neighbours
from collector.credentials import Keyring
from collector.goals import Goals
from collector.judge import Judge
from collector.memory import CellKey, Changes, InventoryText, Memory, PhaseSet, Shown
from collector.planning import Ground, Planner
from collector.running import Running
from collector.shown import later, versions_shown
from collector.silences import Silences
from collector.source import Source, looks_alike
from collector.timing import Timing
from flows.cells import Cell
from flows.hosts import Version
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.phases import Phase
from flows.plan import Path, Plan
from flows.versions import Versions

NOTHING_SHOWN: Mapping[str, Shown] = MappingProxyType({})
K = TypeVar("K")
V = TypeVar("V")


class Touched(NamedTuple):
    """Hosts of which something else is known."""

    otherwise: Set[str]
    """Something new was seen."""
    alike: Set[str]
    """The same was seen again."""


class Groundwork(NamedTuple):
    """What follows from a plan and from what was seen, and takes long to make."""

    ground: Ground
    neighbours: Neighbours


class State:
    """What is known, in the forms in which it is asked for."""

    def __init__(self, memory: Memory, timing: Timing, now: datetime) -> None:
        self.timing = timing
        self.planner = Planner(timing)
        self.revision = 0
        """Counts what was applied."""
        self.written = InventoryText(text=memory.inventory_text, name=memory.inventory_name)
        self.standing = PhaseSet(phase=memory.phase, since=memory.phase_since)
        self.versions = dict(memory.versions)
        self.shown = dict(memory.shown)
        self.cells = {key: _not_after(cell, now) for key, cell in memory.cells.items()}
        self.check_ids = dict(memory.check_ids)
        self.keys = {number: key for key, number in memory.check_ids.items()}
        """Checks by id."""
        self.reached = set(memory.reached)
        self.probes = dict(memory.probes)
        self.unheard = dict(memory.unheard)
        self.breaks = dict(memory.breaks)
        self.given = dict(memory.silences)
        """Silences given at run time."""
        self.runs = Running(memory.runs, memory.answers)
        self.credentials = Keyring(memory.credentials)
        self.enrolments = dict(memory.enrolments)
        self.joined = dict(memory.joined)
        self.declared = read_inventory(memory.inventory_text, memory.inventory_name)
        """The inventory as its operator wrote it, without the agents that joined since."""
        self._prepared: Groundwork | None = None
        self._follow(self.planner.plan(self.in_force()))
        self._share_keys()

    @property
    def phase(self) -> Phase:
        """The phase that holds."""
        return self.standing.phase

    @property
    def inventory(self) -> Inventory:
        """The inventory in force."""
        return self.plan.inventory

    def in_force(
        self,
        *,
        declared: Inventory | None = None,
        versions: Mapping[str, Version] | None = None,
        shown: Mapping[str, Shown] = NOTHING_SHOWN,
    ) -> Versions:
        """Say what a plan would be made of now; with another inventory, other versions, or more."""
        set_ = dict(self.versions if versions is None else versions)
        every = versions_shown({**self.shown, **shown})
        return Versions(self.planner.grown(declared or self.declared, self.joined), set_, every)

    def memory(self) -> Memory:
        """Copy all that would have to survive a restart."""
        return Memory(
            inventory_text=self.written.text,
            inventory_name=self.written.name,
            phase=self.standing.phase,
            phase_since=self.standing.since,
            versions=dict(self.versions),
            shown=dict(self.shown),
            cells=dict(self.cells),
            check_ids=dict(self.check_ids),
            reached=frozenset(self.reached),
            probes=dict(self.probes),
            unheard=dict(self.unheard),
            breaks=dict(self.breaks),
            silences=dict(self.given),
            runs=dict(self.runs.known),
            answers=self.runs.answers,
            credentials=dict(self.credentials.all),
            enrolments=dict(self.enrolments),
            joined=dict(self.joined),
        )

    def cell(self, path: Path) -> Cell | None:
        """Look up what is known of a path."""
        return self.cells.get(check_key(path))

    def cells_with(
        self, host: str, changed: Mapping[CellKey, Cell], gone: Collection[CellKey]
    ) -> dict[int, Cell]:
        """Give what is known of a host's checks, by their ids, as it is with these changes."""
        keys = self.assignments.by_host.get(host, ())
        left = [key for key in keys if key not in gone] if gone else keys
        return {
            self.check_ids[key]: cell
            for key in left
            if (cell := changed.get(key) or self.cells.get(key)) is not None
        }

    def source(self, host: str) -> Source:
        """See what one source saw."""
        return Source(host, self.cells, self.assignments)

    def is_up(self, host: str, now: datetime) -> bool:
        """Decide whether a probe reports as often as it should."""
        seen = self.probes.get(host)
        return seen is not None and now - seen.last_seen <= self.patience(host)

    def patience(self, host: str) -> timedelta:
        """Tell for how long a probe may say nothing."""
        return timedelta(seconds=self.timing.stale_after * self.assignments.pace(host))

    def is_away(self, host: str, now: datetime) -> bool:
        """Decide whether a probe is cut off from all but the collector."""
        return self.neighbours.away(host, now) is not None

    def planned(self, changes: Changes) -> Plan:
        """Make the plan that follows from changes, which must have been decided with a plan."""
        written, versions = changes.inventory, dict(self.versions)
        declared = self.planner.read(written.text, written.name) if written else self.declared
        _update(versions, changes.versions)
        made_of = self.in_force(declared=declared, versions=versions, shown=changes.shown)
        return self.planner.plan(made_of)

    def apply(self, changes: Changes) -> Touched:
        """Take in what was decided; the same again changes nothing.

        Returns of whom something else is known.
        """
        self.revision += 1
        self.probes.update(changes.probes)
        self.reached.update(changes.reached)
        for host, seen in changes.shown.items():
            self.shown[host] = later(seen, self.shown.get(host))
        _update(self.versions, changes.versions)
        _update(self.unheard, changes.unheard)
        _update(self.breaks, changes.breaks)
        self.credentials.apply(changes.credentials)
        _update(self.enrolments, changes.enrolments)
        if changes.joined:
            _update(self.joined, changes.joined)
            self.is_outgrown = True
        if changes.silences:
            _update(self.given, changes.silences)
            self.silences = Silences(self.plan, self.given.values())
        for key, number in changes.check_ids.items():
            self.check_ids[key] = number
            self.keys[number] = key
        if changes.runs or changes.answers:
            self.runs.apply(changes, self.keys, self.assignments)
        touched = self._take_cells(changes)
        if changes.inventory is not None:
            self.written = changes.inventory
            self.declared = self.planner.read(changes.inventory.text, changes.inventory.name)
        if changes.phase is not None:
            self.standing = changes.phase
            self._enter_phase()
        if changes.plan is not None:
            self._follow(changes.plan)
        return touched

    def _take_cells(self, changes: Changes) -> Touched:
        sources = changes.by_source
        otherwise = {
            host
            for host, cells in sources.items()
            if not all(looks_alike(self.cells.get(key), cell) for key, cell in cells.items())
        }
        otherwise.update(key[0] for key in changes.forgotten)
        for key in changes.forgotten:
            self.cells.pop(key, None)
            self.breaks.pop(key, None)
        self.cells.update(changes.cells)
        for host in otherwise:
            self.neighbours.note(host)
        alike = sources.keys() - otherwise
        for host in alike:
            self.neighbours.note_again(host)
        return Touched(otherwise, alike)

    def prepare(self, changes: Changes) -> None:
        """Make what follows from changes that will be applied next; in any thread: it takes long.

        Nothing else may be applied before.
        """
        if changes.plan is not None:
            self._prepared = self._groundwork(changes.plan)
        if changes.phase is not None:
            self.goals_of(changes.phase.phase)
        if changes.runs:
            self.runs.prepare(changes, self.keys, self.assignments)

    def _groundwork(self, plan: Plan) -> Groundwork:
        ground = self.planner.ground(plan)
        neighbours = Neighbours(
            {host.name: host.site for host in plan.inventory.hosts.values()},
            lambda host: Source(host, self.cells, ground.assignments),
        )
        for host in ground.assignments.by_host:
            neighbours.note(host)
        return Groundwork(ground, neighbours)

    def _follow(self, plan: Plan) -> None:
        """Let hold what follows from a plan."""
        self.is_outgrown = False
        """Whether agents joined or left since the plan was made."""
        prepared, self._prepared = self._prepared, None
        is_prepared = prepared is not None and prepared.ground.plan is plan
        ground, self.neighbours = prepared if prepared and is_prepared else self._groundwork(plan)
        self.plan, self.assignments, self.signs, self.problems = ground
        self.planner.forget()
        self._goals: dict[Phase, Goals] = {}
        self.runs.follow(self.keys, self.assignments)
        self._enter_phase()
        self.silences = Silences(plan, self.given.values())

    def _enter_phase(self) -> None:
        """Make what follows from the phase that holds."""
        self.judge = Judge(self.assignments, self.phase)
        self.goals = self.goals_of(self.phase)

    def _share_keys(self) -> None:
        """Keep everything by the plan's own keys: there may be hundreds of thousands."""
        own = {key: key for key in self.assignments.paths}
        self.cells = {own.get(key, key): cell for key, cell in self.cells.items()}
        self.keys = {number: own.get(key, key) for number, key in self.keys.items()}
        self.check_ids = {key: number for number, key in self.keys.items()}

    def goals_of(self, phase: Phase) -> Goals:
        """Find the goals of a phase; once, since it takes a walk over the plan. In any thread."""
        known = self._goals  # taken before the plan: whichever comes to hold has goals of its own
        goals = known.get(phase)
        if goals is None:
            goals = known[phase] = Goals(self.plan, phase)
        return goals


def _update(known: dict[K, V], changed: Mapping[K, V | None]) -> None:
    """Take in changes, where None takes away."""
    for key, value in changed.items():
        if value is None:
            known.pop(key, None)
        else:
            known[key] = value


def _not_after(cell: Cell, now: datetime) -> Cell:
    """Take as of now what a clock that was set back since has stamped in the future.

    Nothing newer could overwrite it otherwise.
    """
    if cell.observed_at <= now:
        return cell
    return msgspec.structs.replace(cell, observed_at=now, since=min(cell.since, now))
