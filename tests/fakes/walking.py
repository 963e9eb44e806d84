"""Walk a schedule through time, which costs none."""

from collections.abc import Iterator

from flows.messages import Check
from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.schedule import Due, Schedule
from tests.fakes.clock import START
from tests.fakes.collector import an_assignment

OPEN = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS)


def scheduled(*checks: Check, now: float = START, phase: float = 0.0) -> Schedule:
    schedule = Schedule(phase)
    schedule.adopt(an_assignment(*checks), now)
    return schedule


def walk(schedule: Schedule, since: float, until: float) -> Iterator[tuple[float, tuple[Due, ...]]]:
    """Wake up exactly when asked to, and end every check at once with the same outcome."""
    now: float | None = since
    while now is not None and now < until:
        plan = schedule.plan_next(now)
        if plan.due:
            yield now, plan.due
        for due in plan.due:
            schedule.finish(due, OPEN, now)
        now = plan.wake_at
