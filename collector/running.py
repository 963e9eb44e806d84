"""The runs of an estate, and how far those that still run have come.

A run never makes a destination get more than its rate of checks: the probes of a large one are told
second by second.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from collector.assignments import Assignments
from collector.memory import Changes, CheckKey
from collector.runs import Answer, OnDemand, RunState
from flows.errors import UsageError
from flows.messages import Run


class Open:
    """A run that waits for answers."""

    def __init__(
        self, run: OnDemand, keys: Mapping[int, CheckKey], assignments: Assignments
    ) -> None:
        self.run = run
        self.answered: set[int] = set()
        self.checks: dict[str, tuple[int, ...]] = {}
        """By host; those that left the plan since are not waited for."""
        self.starts: dict[str, int] = {}
        """Seconds after its begin at which a host is told."""
        self._follow(keys, assignments)

    def _follow(self, keys: Mapping[int, CheckKey], assignments: Assignments) -> None:
        checks: dict[str, list[int]] = {}
        for number in self.run.asked:
            key = keys.get(number)
            if key is not None and key in assignments.paths:
                checks.setdefault(key[0], []).append(number)
        self.checks = {host: tuple(numbers) for host, numbers in checks.items()}
        self.starts = starts(self.checks, keys, assignments.timing.per_destination)
        self._owed = {number for numbers in self.checks.values() for number in numbers}
        """Checks without an answer; looked at with every report, however large the run is."""

    def take(self, number: int) -> None:
        """Take the answer of a check."""
        self.answered.add(number)
        self._owed.discard(number)

    @property
    def done(self) -> int:
        """Count the checks that were answered."""
        return len(self.answered)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is waited for any more."""
        return not self._owed

    @property
    def unanswered(self) -> Iterator[str]:
        """Walk the hosts that owe an answer."""
        owed = self._owed
        return (host for host, some in self.checks.items() if not owed.isdisjoint(some))

    def second(self, now: datetime) -> int:
        """Count the whole seconds since it began."""
        return int((now - self.run.created).total_seconds())

    def turn(self, after: int, until: int) -> frozenset[str]:
        """List the hosts that are told after a second of the run, until another."""
        return frozenset(host for host, start in self.starts.items() if after < start <= until)

    def told(self, host: str, now: datetime) -> Run | None:
        """Write what a host is told of the run now; None for nothing."""
        start = self.starts.get(host)
        if start is None or self.second(now) < start:
            return None
        return Run(id=self.run.id, checks=self.checks[host], expires=self.run.expires)


def starts(
    checks: Mapping[str, Iterable[int]], keys: Mapping[int, CheckKey], rate: float
) -> dict[str, int]:
    """Spread hosts over whole seconds, so that no destination gets more checks in one than rate."""
    sent: dict[str, int] = {}
    found: dict[str, int] = {}
    for host, numbers in checks.items():
        addresses = [keys[number][1] for number in numbers]
        found[host] = max((int(sent.get(one, 0) / rate) for one in addresses), default=0)
        for address in addresses:
            sent[address] = sent.get(address, 0) + 1
    return found


class Running:
    """All runs that are known, by id."""

    def __init__(self, runs: Mapping[str, OnDemand], answers: Iterable[Answer]) -> None:
        self.known = dict(sorted(runs.items()))
        self.open: dict[str, Open] = {}
        self._prepared: dict[str, Open] = {}
        """Made for the plan in force."""
        self._answers = frozenset(answers)
        """As they were read; taken in with the first plan."""

    @property
    def answers(self) -> frozenset[Answer]:
        """Copy what was answered of the runs that still wait."""
        return frozenset(
            (one.run.id, number) for one in self.open.values() for number in one.answered
        )

    def follow(self, keys: Mapping[int, CheckKey], assignments: Assignments) -> None:
        """Follow another plan: what left it is no longer waited for."""
        answers = self.answers or self._answers
        self._prepared = {}
        self.open = {
            name: Open(run, keys, assignments)
            for name, run in self.known.items()
            if run.state is RunState.RUNNING
        }
        self._take(answers)

    def prepare(
        self, changes: Changes, keys: Mapping[int, CheckKey], assignments: Assignments
    ) -> None:
        """Make what waits for the answers of runs that begin; in any thread, for it takes long."""
        for name, run in changes.runs.items():
            if run is None or name in self.open:
                continue
            if run.state is RunState.RUNNING:
                self._prepared[name] = Open(run, keys, assignments)

    def apply(
        self, changes: Changes, keys: Mapping[int, CheckKey], assignments: Assignments
    ) -> None:
        """Take in runs and answers."""
        for name, run in changes.runs.items():
            if run is None:
                self.known.pop(name, None)
                self.open.pop(name, None)
                continue
            self.known[name] = run
            if run.state is not RunState.RUNNING:
                self.open.pop(name, None)
            elif name not in self.open:
                prepared = self._prepared.pop(name, None)
                self.open[name] = prepared or Open(run, keys, assignments)
        self._take(changes.answers)

    def answering(self, host: str, said: Iterable[tuple[str | None, int]]) -> frozenset[Answer]:
        """Pick what a host says for runs that wait for it."""
        if not self.open:
            return frozenset()
        return frozenset(
            (name, number)
            for name, number in said
            if name in self.open and number in self.open[name].checks.get(host, ())
        )

    def told(self, host: str, now: datetime) -> tuple[Run, ...]:
        """Write what a host is told of all runs."""
        told = (one.told(host, now) for one in self.open.values())
        return tuple(run for run in told if run is not None)

    def progress(self, name: str) -> OnDemand:
        """Tell how far a run is; raises UsageError for an id that is not there."""
        run = self.known.get(name)
        if run is None:
            raise UsageError(f"there is no run with the id '{name}'")
        waiting = self.open.get(name)
        return run if waiting is None else msgspec.structs.replace(run, done=waiting.done)

    def has_over(self, now: datetime) -> bool:
        """Decide whether a run was answered, or waited long enough."""
        return any(one.is_complete or one.run.expires <= now for one in self.open.values())

    def turns(self, now: datetime, told: dict[str, int]) -> Iterator[tuple[str, frozenset[str]]]:
        """Walk the runs with the hosts whose turn has come since `told`, which is kept up."""
        for name in told.keys() - self.open.keys():
            del told[name]
        for name, one in self.open.items():
            before, second = told.get(name, -1), one.second(now)
            if before < second:
                told[name] = second
                yield name, one.turn(before, second)

    def _take(self, answers: Iterable[Answer]) -> None:
        for name, number in answers:
            if name in self.open:
                self.open[name].take(number)
