"""On-demand runs: what an operator asks to be measured now, and what came of it (DESIGN 6)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import translate
from re import compile as compile_pattern

import msgspec

from flows.errors import GatewatchError
from flows.gates import Count
from flows.outcomes import Outcome
from flows.phases import Expectation, Phase
from flows.plan import Path

ANSWER_WITHIN = timedelta(seconds=60)
"""After its last probe was told, a run waits for so long."""
MOST_A_MINUTE = 10
"""Runs that may begin within a minute."""
MOST_KEPT = 100
"""Runs that are over and still known."""
MOST_NAMED = 100
"""Probes that are named where they did not answer; the others are counted."""
ID_BYTES = 10
"""Of chance in an id."""
_MINUTE = timedelta(minutes=1)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Answer = tuple[str, int]
"""The id of a run, and of a check that was measured for it."""


class TooManyRuns(GatewatchError):  # noqa: N818 - it is what happened, not a fault of ours
    """Another run may begin later."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"{MOST_A_MINUTE} runs began within a minute: ask again in {seconds} s,"
            " or ask for more at once"
        )
        self.seconds = seconds
        """Until one may begin."""


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    DONE = "done"
    """Every check was answered."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Some probes did not answer in time."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is over: the paths of a phase that match; of several patterns any may."""

    phase: Phase
    flow: tuple[str, ...] = ()
    """Patterns (fnmatch) over names of flows; none is for all of them."""
    src: tuple[str, ...] = ()
    dst: tuple[str, ...] = ()

    def matcher(self) -> Callable[[Path], bool]:
        """Make what decides whether a path is meant."""
        flow, src, dst = map(_any_of, (self.flow, self.src, self.dst))
        phase = self.phase

        def matches(path: Path) -> bool:
            return phase in path.expect and flow(path.flow) and src(path.src) and dst(path.dst)

        return matches


class OnDemand(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as it is remembered."""

    id: str
    target: Target
    created: datetime
    expires: datetime
    by: str | None = None
    state: RunState = RunState.RUNNING
    ended: datetime | None = None
    asked: tuple[int, ...] = ()
    """Ids of its checks, while it runs."""
    checks: int = 0
    done: int = 0
    """Checks that were answered when it ended."""
    silent: tuple[str, ...] = ()
    """Hosts whose probes did not answer, the first MOST_NAMED of them."""
    silent_probes: int = 0
    counts: dict[Count, int] = {}
    """What its binding paths counted as when it ended."""


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says of one path."""

    path: str
    expect: Expectation
    binding: bool
    verdict: Count
    """As a gate would count the path."""
    outcome: Outcome | None
    reason: str
    answered: bool
    """Whether the path was measured for this run."""


def _any_of(globs: tuple[str, ...]) -> Callable[[str], bool]:
    if not globs:
        return lambda _: True
    pattern = compile_pattern("|".join(map(translate, globs)))
    return lambda word: pattern.match(word) is not None


def run_id(now: datetime, chance: bytes) -> str:
    """Make the id of a run: 26 letters that sort by time (a ULID); chance keeps two apart."""
    number = int(now.timestamp() * 1000) << 8 * ID_BYTES | int.from_bytes(chance[:ID_BYTES])
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def wait_before_another(begun: list[datetime], now: datetime) -> int:
    """Tell the seconds until another run may begin, given when others began; 0 for at once."""
    lately = sorted(moment for moment in begun if now - _MINUTE < moment <= now)
    if len(lately) < MOST_A_MINUTE:
        return 0
    free = lately[-MOST_A_MINUTE] + _MINUTE
    return max(1, int((free - now).total_seconds()) + 1)
