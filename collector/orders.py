"""What operators order: another phase, versions of hosts, another inventory. Each is an event."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from collector.assignments import allot, check_key
from collector.crowds import Crowds
from collector.goals import Watch, goal_events, judged_by
from collector.judge import Judge
from collector.memory import (
    Changes,
    CheckKey,
    Event,
    EventKind,
    InventoryText,
    PhaseSet,
    SilencedBy,
)
from collector.state import State
from collector.views import Difference
from flows.errors import UsageError
from flows.gates import Rules
from flows.hosts import Version
from flows.inventory import Inventory
from flows.phases import Phase
from flows.plan import Plan
from flows.reading import did_you_mean
from flows.versions import Versions


def decide_phase(  # noqa: PLR0913 - an order, and what it is decided on
    state: State,
    crowds: Crowds,
    rules: Rules,
    phase: Phase,
    now: datetime,
    *,
    by: str | None,
    reason: str,
) -> Changes:
    """Decide to let another phase hold; the same again is no change."""
    if phase is state.phase:
        return Changes()
    waived = state.silences.by(SilencedBy.WAIVER, now)
    watch = Watch(state.goals_of(phase), state.reached, rules, waived)
    judge = Judge(state.assignments, phase)
    judged = judged_by(judge, state.source, lambda name: state.is_away(name, now), now)
    units = crowds.units(phase, waived, frozenset(), judge) if watch.goals.units else ()
    reached = dict(watch.of_all(judged, units))
    event = Event(
        at=now,
        kind=EventKind.PHASE,
        subject=phase,
        before=state.phase,
        after=phase,
        reason=reason or "set by an operator",
        by=by,
    )
    return Changes(
        phase=PhaseSet(phase=phase, since=now),
        reached=frozenset((phase, name) for name in reached),
        events=(event, *goal_events(phase, reached, now)),
    )


def decide_versions(
    state: State, glob: str, version: Version | None, now: datetime, by: str | None
) -> Changes:
    """Decide to set the version of the hosts that a glob names; None takes it back.

    Raises UsageError when it names none.
    """
    hosts = state.inventory.hosts
    named = [name for name in hosts if fnmatchcase(name, glob)]
    if not named:
        raise UsageError(f"no host is named '{glob}'{did_you_mean(glob, hosts)}")
    changed = [name for name in named if _text(state.versions.get(name)) != _text(version)]
    if not changed:
        return Changes()
    versions: dict[str, Version | None] = dict.fromkeys(changed, version)
    before = {_text(state.versions.get(name)) for name in changed}
    count = "one host" if len(changed) == 1 else f"{len(changed)} hosts"
    event = Event(
        at=now,
        kind=EventKind.VERSION,
        subject=glob,
        before=before.pop() if len(before) == 1 else "several versions",
        after=_text(version),
        reason=f"set for {count}" if version else f"no longer set for {count}",
        by=by,
    )
    plan = state.planner.plan(with_versions(state, glob, version))
    return Changes(
        versions=versions,
        events=(event,),
        plan=plan,
        check_ids=_new_ids(state, plan),
    )


def with_versions(state: State, glob: str, version: Version | None) -> Versions:
    """Say what the plan is made of once the hosts that a glob names have this version."""
    named = (name for name in state.inventory.hosts if fnmatchcase(name, glob))
    versions = {**state.versions, **dict.fromkeys(named, version)}
    return state.in_force(versions={name: known for name, known in versions.items() if known})


def decide_inventory(
    state: State, text: str, name: str, now: datetime, by: str | None
) -> tuple[Changes, Difference]:
    """Decide to follow another inventory; tells what it changes.

    Raises Refused with every problem of the file, which then changes nothing.
    """
    plan = state.planner.plan(state.in_force(declared=state.planner.read(text, name)))
    difference = difference_of(state.plan, plan)
    event = Event(
        at=now,
        kind=EventKind.INVENTORY,
        subject=name,
        before=state.written.name,
        after=name,
        reason=_summary(difference),
        by=by,
    )
    changes = Changes(
        inventory=InventoryText(text=text, name=name),
        plan=plan,
        check_ids=_new_ids(state, plan),
        forgotten=_left(state, plan),
        events=(event,),
    )
    return changes, difference


def decide_growth(state: State) -> Changes:
    """Decide on the plan with the agents that joined or left since the last one was made."""
    if not state.is_outgrown:
        return Changes()
    plan = state.planner.plan(state.in_force())
    return Changes(
        plan=plan,
        check_ids=_new_ids(state, plan),
        forgotten=_left(state, plan),
    )


def _new_ids(state: State, plan: Plan) -> dict[CheckKey, int]:
    return allot(map(check_key, plan), state.check_ids)


def _left(state: State, plan: Plan) -> frozenset[CheckKey]:
    """List the cells whose checks are not in a plan."""
    kept = {check_key(path) for path in plan}
    return frozenset(key for key in state.cells if key not in kept)


def difference_of(before: Plan, after: Plan) -> Difference:
    """Compare two plans and the inventories that they were made of."""
    old, new = before.inventory, after.inventory
    hosts = _compare(old.hosts, new.hosts)
    paths = _compare(before.paths, after.paths)
    return Difference(
        hosts_added=hosts[0],
        hosts_removed=hosts[1],
        hosts_changed=hosts[2],
        paths_added=paths[0],
        paths_removed=paths[1],
        paths_changed=paths[2],
        sections=tuple(_sections(old, new)),
    )


Three = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _compare(old: Mapping[str, object], new: Mapping[str, object]) -> Three:
    """List what was added, removed and changed."""
    return (
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(name for name in new if name in old and new[name] != old[name]),
    )


def _sections(old: Inventory, new: Inventory) -> Iterable[str]:
    """Name the other parts of the file that changed."""
    parts = {
        "migration": (old.migration, new.migration),
        "handler_groups": (old.groups, new.groups),
        "ports": (old.ports, new.ports),
        "options": (old.separate_backend_8443, new.separate_backend_8443),
        "extra_flows": (old.extra_flows, new.extra_flows),
        "waivers": (old.waivers, new.waivers),
    }
    return (name for name, (before, after) in parts.items() if before != after)


def _summary(difference: Difference) -> str:
    """Say in one sentence how much changes."""
    if difference.empty:
        return "it means the same as before"
    counts = {
        "hosts": (
            difference.hosts_added,
            difference.hosts_removed,
            difference.hosts_changed,
        ),
        "paths": (
            difference.paths_added,
            difference.paths_removed,
            difference.paths_changed,
        ),
    }
    words = [
        f"{what}: {len(added)} added, {len(removed)} removed, {len(changed)} changed"
        for what, (added, removed, changed) in counts.items()
    ]
    sections = [f"other sections: {', '.join(difference.sections)}"] if difference.sections else []
    return "; ".join([*words, *sections])


def _text(version: Version | None) -> str | None:
    return version.text if version else None
