"""What the API takes and gives about on-demand runs."""

from datetime import datetime

import msgspec

from collector.api.silence_bodies import Glob
from collector.runs import OnDemand, RunRow, RunState, Target
from flows.gates import Count
from flows.phases import Phase

Globs = list[Glob]
"""Patterns (fnmatch) of which any may match."""


class RunOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measure the paths of a phase now."""

    phase: Phase | None = None
    """None is the phase that holds."""
    flow: Globs | None = None
    src: Globs | None = None
    dst: Globs | None = None

    def target(self, phase: Phase) -> Target:
        """Name what is meant while a phase holds."""
        return Target(
            phase=self.phase or phase,
            flow=_globs(self.flow),
            src=_globs(self.src),
            dst=_globs(self.dst),
        )


def _globs(said: list[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(said or ())))


class RunBody(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and how far it is."""

    id: str
    state: RunState
    phase: Phase
    flow: tuple[str, ...]
    src: tuple[str, ...]
    dst: tuple[str, ...]
    created: datetime
    expires: datetime
    ended: datetime | None
    by: str | None
    checks: int
    done: int
    """Checks that were answered."""
    silent: tuple[str, ...]
    """Hosts whose probes are silent, and still owe an answer; at most 100 are named."""
    silent_probes: int
    """How many they are."""
    counts: dict[Count, int]
    """What its binding paths count as: of those that were answered, or of all once it is over."""


class RunDetail(RunBody, frozen=True, kw_only=True):
    """A run, with a row for each path that was answered; for every path once it is over."""

    rows: list[RunRow]


class RunProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is."""

    id: str
    state: RunState
    checks: int
    done: int


def run_body(run: OnDemand) -> RunBody:
    """Write a run."""
    target = run.target
    return RunBody(
        id=run.id,
        state=run.state,
        phase=target.phase,
        flow=target.flow,
        src=target.src,
        dst=target.dst,
        created=run.created,
        expires=run.expires,
        ended=run.ended,
        by=run.by,
        checks=run.checks,
        done=run.done,
        silent=run.silent,
        silent_probes=run.silent_probes,
        counts=run.counts,
    )


def run_progress(run: OnDemand) -> RunProgress:
    """Write how far a run is."""
    return RunProgress(id=run.id, state=run.state, checks=run.checks, done=run.done)
