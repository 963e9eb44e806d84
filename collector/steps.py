"""What one result did to a cell, and what that means for the paths that share it."""

from collections.abc import Iterator
from typing import NamedTuple

from collector.judge import Evidence, Judge
from collector.memory import CheckKey, Event, EventKind
from collector.source import Source
from flows.cells import Cell
from flows.judging import PathVerdict
from flows.outcomes import Observation
from flows.verdicts import Absence, Verdict, is_of_the_dead


class Step(NamedTuple):
    """A cell before and after a result."""

    key: CheckKey
    before: Cell | None
    """None before the first result of a check."""
    after: Cell

    @property
    def turned(self) -> bool:
        """Whether it is confirmed now that something else is seen, or anything at all."""
        return self.before is None or self.before.since != self.after.since

    @property
    def is_suspicion(self) -> bool:
        """Whether something else was seen for the first time."""
        known = self.before.candidate_since if self.before else None
        return self.after.suspect and known != self.after.candidate_since

    @property
    def seen(self) -> Observation:
        """What it is that is new."""
        return self.after.candidate or self.after.confirmed


def step_events(step: Step, source: Source, judge: Judge, *, away: bool) -> Iterator[Event]:
    """Tell of the paths that look otherwise since a step, in the current phase.

    Before and after are verdicts. What changed nothing but a certificate is not told, and neither
    is that a dead host is silent now and out of a router's reach then: it would be told for ever.
    Of what was never measured before only what is broken is told, for most is as it should be.
    """
    if not step.turned and not step.is_suspicion:
        return
    kind = EventKind.TURN if step.turned else EventKind.SUSPECT
    absence = Absence.AWAY if away else None
    for path in source.assignments.paths[step.key]:
        if judge.current not in path.expect:
            continue
        before = judge.in_phase(path, judge.current, _evidence_before(step, source))
        after = judge.in_phase(path, judge.current, Evidence(source, step.seen, absence=absence))
        is_news = step.before is not None or after.verdict is Verdict.BROKEN
        if is_news and _face(before) != _face(after):
            yield Event(
                at=step.after.observed_at,
                kind=kind,
                subject=path.id,
                before=before.verdict,
                after=after.verdict,
                reason=after.reason,
            )


def _evidence_before(step: Step, source: Source) -> Evidence:
    if step.before is None:
        return Evidence(source, None, absence=Absence.NEVER)
    return Evidence(source, step.before.confirmed)


def _face(judged: PathVerdict) -> tuple[object, ...]:
    seen = judged.observation
    outcome = None if seen is None or is_of_the_dead(seen) else seen.outcome
    return judged.verdict, judged.identity, outcome
