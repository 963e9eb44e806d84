"""On-demand runs as commands show them: what they say of paths, how two of them differ. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from gatewatch.exit_codes import ExitCode

RUNNING = "running"
BROKEN = "broken"
UNPROVEN = "unproven"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says of one path."""

    path: str
    verdict: str
    reason: str
    expect: str = ""
    binding: bool = True
    outcome: str | None = None
    answered: bool = True


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and how far it is."""

    id: str
    state: str
    phase: str = ""
    flow: tuple[str, ...] = ()
    src: tuple[str, ...] = ()
    dst: tuple[str, ...] = ()
    created: datetime | None = None
    by: str | None = None
    checks: int = 0
    done: int = 0
    silent: tuple[str, ...] = ()
    silent_probes: int = 0
    counts: dict[str, int] = {}
    rows: tuple[Row, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Answer for its binding paths (DESIGN 5)."""
        if self.counts.get(BROKEN):
            return ExitCode.BROKEN
        return ExitCode.UNPROVEN if self.counts.get(UNPROVEN) else ExitCode.OK


class Change(StrEnum):
    """How a path fares in a second run, compared with a first one."""

    BROKE = "broke"
    FIXED = "fixed"
    OTHER = "changed"
    """It is neither: its verdict, its outcome or its reason is another."""
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """A path of which two runs say something else."""

    change: Change
    path: str
    before: Row | None
    after: Row | None


def differences(first: Run, second: Run) -> list[Difference]:
    """List the paths of which two runs say something else: what broke stands first."""
    before, after = _by_path(first), _by_path(second)
    found = list(_compared(before, after))
    order = list(Change)
    return sorted(found, key=lambda one: (order.index(one.change), one.path))


def _by_path(run: Run) -> Mapping[str, Row]:
    return {row.path: row for row in run.rows}


def _compared(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[Difference]:
    for path in {**before, **after}:
        old, new = before.get(path), after.get(path)
        change = _change(old, new)
        if change is not None:
            yield Difference(change, path, old, new)


def _change(before: Row | None, after: Row | None) -> Change | None:
    if before is None or after is None:
        return Change.ADDED if before is None else Change.REMOVED
    if _said(before) == _said(after):
        return None
    if after.verdict == BROKEN != before.verdict:
        return Change.BROKE
    if before.verdict == BROKEN and after.verdict == "ok":
        return Change.FIXED
    return Change.OTHER


def _said(row: Row) -> tuple[str | None, ...]:
    return row.verdict, row.outcome, row.reason
