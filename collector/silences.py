"""Which paths are silenced now: waivers of the inventory, and what operators said since."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import translate
from re import compile as compile_pattern

from collector.memory import Silence, SilencedBy
from flows.plan import Plan

Rule = tuple[SilencedBy, str]
"""What kind of silence, over which glob."""


class Silences:
    """The silences of one plan. Only those in force are matched, and matched once."""

    def __init__(self, plan: Plan, silences: tuple[Silence, ...]) -> None:
        self._plan = plan
        self._silences = silences
        self._rules: frozenset[Rule] = frozenset()
        self._as_of: datetime | None = None
        self._found: dict[SilencedBy, frozenset[str]] = dict.fromkeys(SilencedBy, frozenset())

    def by(self, kind: SilencedBy, now: datetime) -> frozenset[str]:
        """List the ids of the paths under a kind of silence."""
        return self._at(now)[kind]

    def of(self, path: str, now: datetime) -> SilencedBy | None:
        """Tell what silences a path; a waiver before all others."""
        found = self._at(now)
        return next((kind for kind in SilencedBy if path in found[kind]), None)

    def _at(self, now: datetime) -> Mapping[SilencedBy, frozenset[str]]:
        if now == self._as_of:
            return self._found
        self._as_of = now
        rules = frozenset(self._in_force(now))
        if rules != self._rules:
            self._found = {
                kind: frozenset(
                    path for other, glob in rules if other is kind for path in self._matching(glob)
                )
                for kind in SilencedBy
            }
            self._rules = rules
        return self._found

    def _in_force(self, now: datetime) -> Iterator[Rule]:
        today = now.astimezone(UTC).date()
        for waiver in self._plan.inventory.waivers:
            if today <= waiver.until:
                yield SilencedBy.WAIVER, waiver.path
        for silence in self._silences:
            if now < silence.until:
                yield silence.kind, silence.glob

    def _matching(self, glob: str) -> Iterator[str]:
        matches = compile_pattern(translate(glob)).match
        return (path for path in self._plan.paths if matches(path))
