"""An assignment cut back to what this probe is ready to do. Pure, and the same for the same input.

What makes no sense, or is one check too many, is left out: a fault says so to the collector, and
the cell stays unproven. What is asked for too often or for too long is done less often and for less
long; where that matters, the collector finds the measurement stale, which is not green either.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from flows.messages import Assignment, Check, Run
from probe.limits import Limits

LONGEST_INTERVAL = 86400.0
SHORTEST_DEADLINE = 0.1
LONGEST_TEXT = 255
"""Of an address, a name or an instance; a DNS name has at most 253 characters."""
LONGEST_RUN_ID = 64
MOST_ID = (1 << 63) - 1
MOST_PORT = 65535
MOST_SERVICES = 16
MOST_TOLD = 1000
"""Checks left out that are reported; the log has the number of all."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A check that is not measured."""

    check: int
    why: str
    """The detail of the fault that is reported for it."""
    runs: tuple[str, ...] = ()
    """The on-demand runs that name it."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is done of an assignment, and what is not."""

    assignment: Assignment
    left_out: tuple[LeftOut, ...]
    """At most MOST_TOLD."""
    said: tuple[str, ...]
    """What was cut back, for the log."""


def bounded(asked: Assignment, limits: Limits) -> Bounded:
    """Hold an assignment within the limits."""
    reasons = dict(_refusals(asked.checks, limits))
    taken = tuple(check for check in asked.checks if check.id not in reasons)
    timed = tuple(within_bounds(check, limits) for check in taken)
    paced = tuple(unhurried(timed, limits.per_second))
    runs = tuple(run for run in asked.runs if len(run.id) <= LONGEST_RUN_ID)[: limits.runs]
    cut = _Cut(
        left_out=len(reasons),
        sooner=sum(a.interval < b.interval for a, b in zip(taken, timed, strict=True)),
        longer=sum(a.deadline > b.deadline for a, b in zip(taken, timed, strict=True)),
        slowed=sum(a.interval < b.interval for a, b in zip(timed, paced, strict=True)),
        runs=len(asked.runs) - len(runs),
    )
    return Bounded(
        msgspec.structs.replace(asked, checks=paced, runs=runs),
        tuple(_left_out(reasons, runs)),
        tuple(_sentences(cut, limits)),
    )


def misfit(check: Check) -> str | None:
    """Say why a check makes no sense at all; None if it may be measured."""
    texts = (check.address, check.name or "", check.instance or "")
    if not check.address or not all(
        len(one) <= LONGEST_TEXT and one.isprintable() for one in texts
    ):
        return "not measured: its address, name or instance is none"
    if not 1 <= check.port <= MOST_PORT:
        return "not measured: its port is none"
    if not 0 <= check.id <= MOST_ID or len(check.services) > MOST_SERVICES:
        return "not measured: no collector asks for such a check"
    return None


def within_bounds(check: Check, limits: Limits) -> Check:
    """Hold the times of one check within what makes sense, whatever the collector sent."""
    interval = min(max(check.interval, limits.interval), LONGEST_INTERVAL)
    deadline = min(max(check.deadline, SHORTEST_DEADLINE), limits.deadline)
    offset = check.offset % interval
    if (interval, deadline, offset) == (check.interval, check.deadline, check.offset):
        return check
    return msgspec.structs.replace(check, interval=interval, deadline=deadline, offset=offset)


def unhurried(checks: Sequence[Check], per_second: int) -> Iterator[Check]:
    """Slow the most frequent checks down until all together hold the rate.

    Those that are rare already stay as they are: who asks for the most pays for it.
    """
    least = _least_interval(sorted(check.interval for check in checks), per_second)
    for check in checks:
        if check.interval >= least:
            yield check
        else:
            # Scaled with it, offsets spread over the longer interval as they did over the shorter.
            offset = check.offset * least / check.interval % least
            yield msgspec.structs.replace(check, interval=least, offset=offset)


def _least_interval(ascending: Sequence[float], per_second: int) -> float:
    """Find the interval below which nothing may be, so that the rate holds; whole milliseconds."""
    others = math.fsum(1 / interval for interval in ascending)
    if others <= per_second * (1 + _ROUNDING):
        return 0.0
    least = 0.0
    for count, interval in enumerate(ascending, 1):
        others -= 1 / interval
        if others < per_second:
            least = count / (per_second - others)
            if count == len(ascending) or least <= ascending[count]:
                break
    return min(math.ceil(least * 1000) / 1000, LONGEST_INTERVAL)


def _refusals(checks: Sequence[Check], limits: Limits) -> Iterator[tuple[int, str]]:
    """List the checks that are left out, by their ids, and why."""
    unfit = {check.id: why for check in checks if (why := misfit(check)) is not None}
    yield from unfit.items()
    fit = sorted({check.id for check in checks} - unfit.keys())
    for identifier in fit[limits.checks :]:
        yield identifier, f"not measured: limits.checks of probe.yaml is {limits.checks}"


def _left_out(reasons: Mapping[int, str], runs: Sequence[Run]) -> Iterator[LeftOut]:
    known = sorted(identifier for identifier in reasons if 0 <= identifier <= MOST_ID)[:MOST_TOLD]
    named = {run.id: frozenset(run.checks) for run in runs}
    for identifier in known:
        asking = tuple(run for run, checks in named.items() if identifier in checks)
        yield LeftOut(identifier, reasons[identifier], asking)


@dataclass(frozen=True, slots=True)
class _Cut:
    """How many of each were cut back."""

    left_out: int
    sooner: int
    longer: int
    slowed: int
    runs: int


def _sentences(cut: _Cut, limits: Limits) -> Iterator[str]:
    if cut.left_out:
        yield (
            f"{cut.left_out} checks are not measured: only {limits.checks} are taken"
            " (limits.checks), and none that makes no sense"
        )
    if cut.sooner:
        yield (
            f"{cut.sooner} checks are measured every {limits.interval:g} s"
            " and not more often (limits.interval)"
        )
    if cut.longer:
        yield f"{cut.longer} checks have {limits.deadline:g} s and not longer (limits.deadline)"
    if cut.slowed:
        yield (
            f"{cut.slowed} checks are measured less often than asked for, so that all together are"
            f" {limits.per_second} in a second (limits.per_second)"
        )
    if cut.runs:
        yield f"{cut.runs} runs are not followed: only {limits.runs} are taken (limits.runs)"
