"""Judging the paths of one plan while one phase holds: verdicts from cells (DESIGN 4)."""

from dataclasses import dataclass, replace
from datetime import datetime

from collector.assignments import Assignments, check_key
from collector.memory import CheckKey
from collector.source import Source
from flows.judging import PathVerdict, judge_path, surroundings
from flows.outcomes import Observation, Outcome
from flows.phases import Expectation, Phase
from flows.plan import Path
from flows.verdicts import Absence, Context


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a path is judged by."""

    source: Source | None
    """Whom to ask for a control; None where that was asked already."""
    observation: Observation | None
    now: datetime | None = None
    """None: however old it is."""
    absence: Absence | None = None
    known_control: bool = False
    """What the source answered when it was asked."""

    def control(self, key: CheckKey) -> bool:
        """Decide whether a control of a check answered."""
        return self.source.control(key, self.now) if self.source else self.known_control

    @classmethod
    def today(cls, source: Source, key: CheckKey, now: datetime, *, away: bool) -> "Evidence":
        """Take what is confirmed of a check, if it still counts."""
        cell = source.cells.get(key)
        absence = source.absence(key, now, away=away)
        return cls(source, cell.confirmed if cell else None, now, absence)

    @classmethod
    def lasting(cls, source: Source, key: CheckKey) -> "Evidence":
        """Take what the network was last known to do, whenever, and whatever failed since."""
        cell = source.cells.get(key)
        return cls(source, cell.lasting if cell else None)


ANSWERS_FOR_ITSELF = frozenset({Outcome.OPEN, Outcome.RESET, Outcome.HUNG, Outcome.ANSWERED})
"""Outcomes that need no control: the destination itself shows that it lives."""


class Judge:
    """Judges for any phase; `current` is the one that holds today."""

    def __init__(self, assignments: Assignments, current: Phase) -> None:
        self.plan = assignments.plan
        self.current = current
        self._contexts: dict[tuple[object, ...], Context] = {}
        """Contexts are few, and shared by the verdicts of many paths."""

    def in_phase(self, path: Path, phase: Phase, evidence: Evidence) -> PathVerdict:
        """Judge a path by what a phase expects of it; the phase must expect something."""
        return self.judge(path, phase, path.expect[phase], evidence)

    def as_serving(self, path: Path, evidence: Evidence) -> PathVerdict:
        """Judge whether a path serves today, whatever is asked of it."""
        return self.judge(path, self.current, Expectation.SERVE, evidence)

    def judge(
        self, path: Path, phase: Phase, expectation: Expectation, evidence: Evidence
    ) -> PathVerdict:
        """Judge a path against any expectation."""
        seen = evidence.observation
        control = (
            seen is not None
            and asks_for_control(expectation, seen)
            and evidence.control(check_key(path))
        )
        key = (path.endpoint, path.service, path.flow, phase, control, evidence.absence)
        context = self._contexts.get(key)
        if context is None:
            around = surroundings(self.plan, path, phase, self.current)
            context = replace(around, control=control, absence=evidence.absence)
            self._contexts[key] = context
        claim = self.plan.inventory.hosts[path.dst].identity.get(path.service)
        return judge_path(path, expectation, seen, claim, context)


def asks_for_control(expectation: Expectation, seen: Observation) -> bool:
    """Decide whether a control can change the verdict or its words; finding one costs time."""
    if not seen.addresses and seen.outcome in ANSWERS_FOR_ITSELF:
        return False
    if expectation is Expectation.CLOSED or seen.outcome is Outcome.DENIED:
        return True
    return any(one.outcome is Outcome.DENIED for one in seen.addresses)
