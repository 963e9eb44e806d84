"""Beginning a run, ending it, and what it says of its paths."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from collector.assignments import check_key
from collector.goals import is_pending
from collector.judge import Evidence
from collector.memory import Changes, Event, EventKind, SilencedBy
from collector.run_rows import packed
from collector.running import Open
from collector.runs import (
    ANSWER_WITHIN,
    MOST_KEPT,
    MOST_NAMED,
    OnDemand,
    RunRow,
    RunState,
    Target,
    TooManyRuns,
    wait_before_another,
)
from collector.source import Source, latest
from collector.state import State
from flows.errors import UsageError
from flows.gates import Count, Standing, count_of
from flows.judging import PathVerdict
from flows.plan import Path
from flows.verdicts import Absence

NOT_ANSWERED = "its probe did not answer this run"


def decide_run(
    state: State, name: str, target: Target, now: datetime, by: str | None
) -> tuple[Changes, OnDemand]:
    """Decide to begin a run under a new id; one for the same that still runs is given instead.

    Raises UsageError where no path of the phase matches, TooManyRuns where others began just now.
    """
    for one in state.runs.open.values():
        if one.run.target == target and now < one.run.expires:
            return Changes(), one.run
    matches = target.matcher()
    asked = {state.check_ids[check_key(path)]: None for path in state.plan if matches(path)}
    if not asked:
        raise UsageError(f"no path of {target.phase} matches {_words(target)}")
    seconds = wait_before_another([run.created for run in state.runs.known.values()], now)
    if seconds:
        raise TooManyRuns(seconds)
    run = OnDemand(
        id=name,
        target=target,
        created=now,
        expires=now,
        by=by,
        asked=tuple(asked),
        checks=len(asked),
    )
    last = max(Open(run, state.keys, state.assignments).starts.values(), default=0)
    run = msgspec.structs.replace(run, expires=now + ANSWER_WITHIN + timedelta(seconds=last))
    event = _event(run, now, None, f"{len(asked)} checks: {_words(target)}", by)
    return Changes(runs={name: run}, events=(event,)), run


def decide_cancel(
    state: State, name: str, now: datetime, by: str | None
) -> tuple[Changes, OnDemand]:
    """Decide to end a run early; one that is over stays as it is. Raises UsageError for no run."""
    run = state.runs.progress(name)
    waiting = state.runs.open.get(name)
    if waiting is None:
        return Changes(), run
    changes = _ended(state, waiting, RunState.CANCELLED, now, by)
    return changes, changes.runs[name] or run


def decide_run_end(state: State, now: datetime) -> Changes:
    """Decide to end a run that was answered, or waited long enough: one, as it may be large."""
    for one in state.runs.open.values():
        if one.is_complete:
            return _ended(state, one, RunState.DONE, now, None)
        if one.run.expires <= now:
            return _ended(state, one, RunState.EXPIRED, now, None)
    return Changes()


def run_rows(state: State, waiting: Open, now: datetime, *, over: bool) -> Iterator[RunRow]:
    """Walk what a run says of its paths: of all when it is over, else of those with an answer.

    It is judged by what was seen last, confirmed or not: that is what was asked for.
    """
    target = waiting.run.target
    matches = target.matcher()
    silences = state.silences
    standing = Standing(
        silences.by(SilencedBy.WAIVER, now), silences.by(SilencedBy.ATTESTATION, now)
    )
    for host, numbers in waiting.checks.items():
        source, away = state.source(host), state.is_away(host, now)
        for number in numbers:
            answered = number in waiting.answered
            if not answered and not over:
                continue
            for path in state.assignments.paths.get(state.keys[number], ()):
                if matches(path):
                    judged = _judged(state, path, target, source, answered=answered, away=away)
                    yield _row(state, judged, target, standing, answered=answered)


def silent_probes(state: State, waiting: Open, now: datetime, *, over: bool) -> list[str]:
    """Name the hosts that owe an answer: when a run is over, else those that do not report."""
    hosts = sorted(waiting.unanswered)
    return hosts if over else [host for host in hosts if not state.is_up(host, now)]


def counts_of(rows: list[RunRow]) -> dict[Count, int]:
    """Count binding paths by what a gate would count them as."""
    counted = Counter(row.verdict for row in rows if row.binding)
    return {count: counted[count] for count in Count}


def _judged(
    state: State, path: Path, target: Target, source: Source, *, answered: bool, away: bool
) -> PathVerdict:
    cell = source.cells.get(check_key(path)) if answered else None
    if cell is None:
        evidence = Evidence(source, None, absence=Absence.NEVER)
    else:
        evidence = Evidence(source, latest(cell), absence=Absence.AWAY if away else None)
    return state.judge.in_phase(path, target.phase, evidence)


def _row(
    state: State, judged: PathVerdict, target: Target, standing: Standing, *, answered: bool
) -> RunRow:
    path = judged.path
    # What nobody measured is not a goal that is still to be reached: nothing is known of it.
    is_goal = is_pending(path, target.phase, state.reached)
    return RunRow(
        path=path.id,
        expect=judged.expectation,
        binding=path.binds(target.phase),
        verdict=count_of(judged, standing, goal=answered and is_goal),
        outcome=judged.observation.outcome if judged.observation else None,
        reason=judged.reason if answered else NOT_ANSWERED,
        answered=answered,
    )


def _ended(state: State, waiting: Open, how: RunState, now: datetime, by: str | None) -> Changes:
    rows = list(run_rows(state, waiting, now, over=True))
    silent = silent_probes(state, waiting, now, over=True)
    run = msgspec.structs.replace(
        waiting.run,
        state=how,
        ended=now,
        asked=(),
        done=waiting.done,
        silent=tuple(silent[:MOST_NAMED]),
        silent_probes=len(silent),
        counts=counts_of(rows),
    )
    over = [name for name, one in state.runs.known.items() if one.state is not RunState.RUNNING]
    forgotten = over[: max(0, len(over) + 1 - MOST_KEPT)]
    reason = f"{run.done} of {run.checks} checks answered"
    return Changes(
        runs={**dict.fromkeys(forgotten), run.id: run},
        run_rows={run.id: packed(rows)},
        events=(_event(run, now, RunState.RUNNING, reason, by),),
    )


def _event(run: OnDemand, now: datetime, before: str | None, reason: str, by: str | None) -> Event:
    return Event(
        at=now,
        kind=EventKind.RUN,
        subject=run.id,
        before=before,
        after=run.state,
        reason=reason,
        by=by,
    )


def _words(target: Target) -> str:
    words = (("flow", target.flow), ("src", target.src), ("dst", target.dst))
    said = [f"{name} {' or '.join(globs)}" for name, globs in words if globs]
    return ", ".join(said) or f"all of {target.phase}"
