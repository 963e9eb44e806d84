"""When each check is due. Pure: time is a parameter, in seconds since 1970.

Turn k of a check falls due at `offset + k * interval`, counted from 1970: the same after a restart,
and without drift. Waking up is what an idle probe pays for, so time is cut into ticks of a second:
one wake-up serves all turns that fall due within the same second. The collector spreads offsets
over the interval; `phase` shifts the ticks of this probe against those of the others, so that a
fleet with good clocks does not dial on the same millisecond.

    a turn is served in the tick that holds its due time, once
    a check that is still running lets its turn pass
    a turn that nobody served within CATCH_UP_SECONDS (a suspended machine) is left to the next one
    a result that differs from the one last reported is followed by two more: at once and 5 s later
    a check that an on-demand run names is due now
    what is due waits in a line while a second, or the checks in flight, are full (`Limits`)

All arithmetic on turns is in whole milliseconds, where nothing rounds.
"""

import math
from dataclasses import dataclass, field

import msgspec

from flows.messages import Assignment, Check
from flows.outcomes import AnsweredBy, Observation, Outcome, each_address
from probe.limits import Limits
from probe.line import Line

TICK = 1000
"""Milliseconds."""
CATCH_UP_SECONDS = 5.0
AGAIN_SECONDS = 5.0
SET_BACK_SECONDS = 2.0
"""A wall clock that goes back by more was set; by less, it was only corrected."""

Face = frozenset[tuple[Outcome, AnsweredBy | None, str | None]]
"""What makes an observation news when it changes: outcome, who answered, who sent the error."""


@dataclass(frozen=True, slots=True)
class Due:
    """A check to be measured now."""

    check: Check
    at: float
    """When it fell due."""
    runs: tuple[str, ...] = ()
    """The on-demand runs that it answers."""
    repeat: bool = False
    """It confirms a change, and asks for no confirmation itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, and when to ask again."""

    due: tuple[Due, ...]
    wake_at: float | None
    """None while there is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Finish:
    """What a finished measurement means for what comes next."""

    news: bool
    """It is the first one of its check, differs from the one before, or is the look after that."""
    replan: bool
    """Something became due by it; ask for a plan again."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The turns of a check and the ticks that serve them; milliseconds since 1970."""

    interval: int
    offset: int
    phase: int

    def tick(self, turn: int) -> int:
        """Begin of the second that serves a turn."""
        return self._second(self.offset + turn * self.interval)

    def last_turn(self, now: int) -> int:
        """Find the latest turn whose tick has begun."""
        return (self._second(now) + TICK - 1 - self.offset) // self.interval

    def _second(self, moment: int) -> int:
        return second_of(moment, self.phase)


@dataclass(slots=True)
class _Progress:
    """How far a check has come."""

    check: Check
    rhythm: Rhythm
    turn: int
    """The last turn that was served or has passed."""
    face: Face | None = None
    """Of the observation last reported."""
    differed: bool = False
    """That observation was not like the one before: what is seen next confirms it or does not."""
    running: bool = False
    again: tuple[float, ...] = ()
    """When to repeat it."""
    runs: tuple[str, ...] = ()

    def take(self, now: float) -> Due | None:
        """Hand out the check if it is due, and count its turn as served."""
        turn = self.rhythm.last_turn(_milliseconds(now))
        tick = self.rhythm.tick(turn) / 1000
        in_turn = turn > self.turn and now - tick <= CATCH_UP_SECONDS
        self.turn = max(self.turn, turn)
        repeats = [at for at in self.again if at <= now]
        if self.running or not (in_turn or repeats or self.runs):
            return None
        at = tick if in_turn else min(repeats, default=now)
        due = Due(self.check, at, self.runs, repeat=bool(repeats) and not in_turn)
        self.again = tuple(at for at in self.again if at > now)
        self.runs = ()
        self.running = True
        return due

    def wake_at(self, now: float) -> float:
        """Say when it can be due next; what waits for its own end is planned at that end."""
        later = [at for at in self.again if at > now]
        return min(self.rhythm.tick(self.turn + 1) / 1000, *later, math.inf)

    def finish(self, due: Due, face: Face, now: float) -> Finish:
        """Take note of what was measured, and plan to confirm what is new."""
        self.running = False
        # A turn that fell due meanwhile has passed: a slow check is not measured without a pause.
        self.turn = max(self.turn, self.rhythm.last_turn(_milliseconds(now)))
        differs = face != self.face
        news = differs or self.differed
        self.differed = differs and self.face is not None
        if self.differed and not due.repeat:
            self.again = (now, now + AGAIN_SECONDS)
        self.face = face
        return Finish(news, replan=bool(self.again or self.runs))


@dataclass(slots=True)
class Schedule:
    """The checks of this probe."""

    phase: float = 0.0
    """Seconds, in [0, 1)."""
    limits: Limits = field(default_factory=Limits)
    revision: str | None = None
    """Of the assignment in force."""
    _checks: dict[int, _Progress] = field(default_factory=dict)
    _runs: frozenset[str] = frozenset()
    _latest: float = -math.inf
    _line: Line[Due] = field(init=False)
    """What is due and has not begun; each check once at most."""

    def __post_init__(self) -> None:
        self._line = Line(self.limits)

    def adopt(self, assignment: Assignment, now: float) -> None:
        """Put an assignment into force; what a kept check has reported is remembered."""
        known = self._checks
        self.revision = assignment.revision
        self._checks = {
            check.id: self._progress(known.get(check.id), check, now) for check in assignment.checks
        }
        self._send_away()
        for run in assignment.runs:
            if run.id not in self._runs:
                self._ask(run.id, run.checks)
        self._runs = frozenset(run.id for run in assignment.runs)

    def plan_next(self, now: float) -> Plan:
        """Hand out what may begin; whoever measures it calls `finish` with what was seen."""
        if now < self._latest - SET_BACK_SECONDS:
            self._anchor(now)
        self._latest = now
        wake_at = math.inf
        for progress in self._checks.values():
            taken = progress.take(now)
            if taken is not None:
                self._line.join(taken)
            wake_at = min(wake_at, progress.wake_at(now))
        second = second_of(_milliseconds(now), round(self.phase * 1000))
        due = tuple(self._line.begin(second))
        if self._line:
            wake_at = min(wake_at, (second + TICK) / 1000)
        return Plan(due, None if math.isinf(wake_at) else wake_at)

    def finish(self, due: Due, observation: Observation, now: float) -> Finish:
        """Take note of a measurement."""
        self._line.end()
        progress = self._in_force(due)
        if progress is None:
            return Finish(news=False, replan=False)
        return progress.finish(due, face_of(observation), now)

    def _in_force(self, due: Due) -> _Progress | None:
        progress = self._checks.get(due.check.id)
        return progress if progress is not None and progress.check is due.check else None

    def _send_away(self) -> None:
        """Let go of what is not asked for any more; the runs that waited for it wait on."""
        for due in self._line.send_away(lambda due: self._in_force(due) is None):
            if (heir := self._checks.get(due.check.id)) is not None:
                heir.runs += due.runs

    def _progress(self, known: _Progress | None, check: Check, now: float) -> _Progress:
        if known is not None and known.check == check:
            return known
        rhythm = rhythm_of(check, self.phase)
        face = known.face if known is not None and same_target(known.check, check) else None
        runs = known.runs if known is not None else ()
        turn = rhythm.last_turn(_milliseconds(now) - 1)
        return _Progress(check, rhythm, turn, face, runs=runs)

    def _ask(self, run: str, checks: tuple[int, ...]) -> None:
        for identifier in dict.fromkeys(checks):
            progress = self._checks.get(identifier)
            if progress is not None:
                progress.runs += (run,)

    def _anchor(self, now: float) -> None:
        """Begin anew on a clock that was set back; else nothing were due until it catches up."""
        for progress in self._checks.values():
            progress.turn = progress.rhythm.last_turn(_milliseconds(now) - 1)
            progress.again = tuple(min(at, now + AGAIN_SECONDS) for at in progress.again)


def face_of(observation: Observation) -> Face:
    """See of an observation what counts as a change."""
    seen = each_address(observation)
    return frozenset((one.outcome, one.answered_by, one.sender) for one in seen)


def second_of(moment: int, phase: int) -> int:
    """Find the begin of the second that holds a moment, as a probe of this phase counts them."""
    return (moment - phase) // TICK * TICK + phase


def rhythm_of(check: Check, phase: float) -> Rhythm:
    """Turn seconds into whole milliseconds."""
    return Rhythm(round(check.interval * 1000), round(check.offset * 1000), round(phase * 1000))


def same_target(one: Check, other: Check) -> bool:
    """Whether two checks differ in nothing but their times."""
    timed = msgspec.structs.replace(
        other, interval=one.interval, deadline=one.deadline, offset=one.offset
    )
    return timed == one


def _milliseconds(now: float) -> int:
    # A moment that is a tick must count as one: floating point may write it a hair before.
    return math.floor(now * 1000 + 0.001)
