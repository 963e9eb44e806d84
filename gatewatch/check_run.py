"""One run of `gatewatch check`: what is asked, what came in, and what it amounts to. Pure."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase

from flows.errors import UsageError
from flows.hosts import Host
from flows.inventory import Inventory, Waiver
from flows.judging import PathVerdict, judge_path, surroundings
from flows.outcomes import Observation, Outcome
from flows.phases import Phase
from flows.plan import Endpoint, Path, Plan
from flows.reading import did_you_mean
from flows.verdicts import Verdict
from gatewatch.check_rows import Row, judged_row, row_of, unjudged_row
from gatewatch.controls import CONTROL, controls_for, shows_life
from gatewatch.estate import Selection
from gatewatch.exit_codes import ExitCode


def source_of(inventory: Inventory, name: str) -> Host:
    """Look up the host to measure from; raises UsageError unless our probe could run there."""
    host = inventory.hosts.get(name)
    if host is None:
        raise UsageError(f"the inventory has no host '{name}'{did_you_mean(name, inventory.hosts)}")
    if not host.has_probe:
        what = "is a virtual address" if host.virtual else f"is no source: {_roles(host)}"
        raise UsageError(f"host '{name}' {what}; no path begins there")
    return host


def _roles(host: Host) -> str:
    return f"its roles are {', '.join(sorted(host.roles))}" if host.roles else "it has no role"


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What one run measures, and for which phase it judges; None judges nothing."""

    plan: Plan
    host: str
    phase: Phase | None
    paths: tuple[Path, ...]
    """In the order of the plan, then the controls that were added."""
    today: date

    @property
    def endpoints(self) -> frozenset[Endpoint]:
        """What may be dialled."""
        return frozenset(path.endpoint for path in self.paths)


def ask(plan: Plan, host: Host, selection: Selection, phase: Phase | None, today: date) -> Asked:
    """Decide what to measure; raises UsageError where there is nothing."""
    paths = list(selection.of(plan.by_source.get(host.name, ()), phase))
    if not paths:
        when = f" in {phase}" if phase else ""
        which = " that matches" if selection.flows else ""
        raise UsageError(f"nothing to measure: the plan has no path of {host.name}{when}{which}")
    if phase is not None:
        paths += controls_for(plan, paths, host.name, phase)
    return Asked(plan, host.name, phase, tuple(paths), today)


class Run:
    """The observations of a run, and the rows that they complete."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._seen: dict[Endpoint, Observation] = {}
        self._verdicts: list[tuple[PathVerdict, bool]] = []
        self._faults = 0

    def take(self, endpoint: Endpoint, observation: Observation) -> Iterator[Row]:
        """Take what was seen; walk the rows that are complete now.

        With a phase, a destination's rows wait for each other: each may be another's control.
        """
        self._seen[endpoint] = observation
        self._faults += observation.outcome is Outcome.FAULT
        if self._asked.phase is None:
            complete: Iterable[Endpoint] = (endpoint,)
        else:
            complete = {one for one in self._asked.endpoints if one[0] == endpoint[0]}
            if not complete <= self._seen.keys():
                return
        for path in self._asked.paths:
            if path.endpoint in complete:
                yield self._row(path, self._seen[path.endpoint])

    @property
    def exit_code(self) -> ExitCode:
        """Answer for the rows so far (DESIGN 5)."""
        if self._asked.phase is None:
            return ExitCode.UNPROVEN if self._faults else ExitCode.OK
        counting = [judged for judged, waived in self._verdicts if not waived]
        if any(judged.verdict is Verdict.BROKEN for judged in counting):
            return ExitCode.BROKEN
        if any(_holds_up(judged) for judged in counting):
            return ExitCode.UNPROVEN
        return ExitCode.OK

    def _row(self, path: Path, observation: Observation) -> Row:
        plan, phase = self._asked.plan, self._asked.phase
        claim = plan.inventory.hosts[path.dst].identity.get(path.service)
        if phase is None:
            return row_of(path, observation, claim)
        if path.flow == CONTROL:
            return unjudged_row(path, observation)
        context = dataclasses.replace(
            surroundings(plan, path, phase), control=shows_life(self._seen, path.endpoint)
        )
        judged = judge_path(path, path.expect[phase], observation, claim, context)
        waiver = waiver_of(plan.inventory.waivers, path, self._asked.today)
        if path.binds(phase):
            self._verdicts.append((judged, waiver is not None))
        words = _words(waiver) if waiver and judged.verdict is not Verdict.OK else None
        return judged_row(judged, observation, words)


def waiver_of(waivers: Sequence[Waiver], path: Path, today: date) -> Waiver | None:
    """Find the waiver that covers a path today (UTC)."""
    for waiver in waivers:
        if today <= waiver.until and fnmatchcase(path.id, waiver.path):
            return waiver
    return None


def in_order(rows: Mapping[str, Row], asked: Asked) -> list[Row]:
    """List rows, by path id, in the order of the plan."""
    return [rows[path.id] for path in asked.paths if path.id in rows]


def _holds_up(judged: PathVerdict) -> bool:
    return judged.verdict is Verdict.UNPROVEN and not judged.judgement.unverifiable


def _words(waiver: Waiver) -> str:
    return f"waived until {waiver.until}: {waiver.reason}"
