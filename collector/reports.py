"""Taking a report: what its results change (DESIGN 2, 4 and 6)."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from collector.assignments import allot, check_key
from collector.away import quiet
from collector.goals import Watch, goal_events, judged_by
from collector.losses import breaks
from collector.memory import (
    Changes,
    CheckKey,
    Counts,
    Event,
    EventKind,
    ProbeSeen,
    Shown,
    SilencedBy,
    Unheard,
)
from collector.observing import observed
from collector.shown import overturned, undeclared
from collector.skew import INSTANT, ProbeClock
from collector.source import Source
from collector.state import State
from collector.steps import Step, step_events
from flows.cells import Cell, observe
from flows.gates import Rules
from flows.hosts import FIRST_NEW
from flows.messages import Facts, Report, Result


def decide_report(state: State, rules: Rules, report: Report, now: datetime) -> Changes:
    """Decide what a report changes; nothing of the state is touched.

    Results of checks that are not this host's are dropped and counted, older observations never
    overwrite newer ones, and times are put right by what the probe's clock is found to be.
    """
    host = state.inventory.hosts.get(report.host)
    if host is None or not host.has_probe:
        return Changes(counts=Counts(dropped=len(report.results)))
    return _Reporting(state, rules, report, now).decide()


class _Reporting:
    """One report on its way into the estate."""

    def __init__(self, state: State, rules: Rules, report: Report, now: datetime) -> None:
        self.state = state
        self.rules = rules
        self.report = report
        self.now = now
        self.clock = ProbeClock.of(report, state.probes.get(report.host), now)
        self.told = self.clock.tell(report.results, now)
        self.cells: dict[CheckKey, Cell] = {}
        self.said: dict[CheckKey, datetime] = {}
        """When the probe says that it made the result that a cell has now."""
        self.steps: list[Step] = []
        known = {
            key: cell
            for key in state.assignments.by_host.get(report.host, ())
            if (cell := state.cells.get(key)) is not None
        }
        self.source = Source(report.host, known, state.assignments)
        self.known = known
        """What the host sees, as far as its report was taken."""

    def decide(self) -> Changes:
        counts = self._take_all()
        judge = self.state.judge
        away = self._is_away()
        reached = dict(self._reached(away=away))
        shown = self.state.signs.read(self.cells, self.state.shown)
        turns = (
            event
            for step in self.steps
            for event in step_events(step, self.source, judge, away=away)
        )
        return Changes(
            cells=self.cells,
            counts=counts,
            probes={self.report.host: self._probe()},
            unheard=self._heard(),
            reached=frozenset((judge.current, name) for name in reached),
            breaks=dict(breaks(self.cells, self.state.breaks, self.source, judge)),
            shown=shown,
            answers=self.state.runs.answering(
                self.report.host, ((one.run, one.check) for one in self.report.results)
            ),
            events=(
                *self._probe_events(),
                *turns,
                *goal_events(judge.current, reached, self.now),
                *self._version_events(shown),
            ),
        )

    def _take_all(self) -> Counts:
        """Take the results in the order of their making."""
        host, keys, planned = self.report.host, self.state.keys, self.state.assignments.paths
        accepted = dropped = clamped = 0
        for said, at, result in self.told:
            key = keys.get(result.check)
            if key is None or key[0] != host or key not in planned:
                dropped += 1
            else:
                accepted += self._take(key, said, at, result)
            clamped += said > self.now
        old = len(self.report.results) - accepted - dropped
        return Counts(accepted=accepted, dropped=dropped, old=old, clamped=clamped)

    def _take(self, key: CheckKey, said: datetime, at: datetime, result: Result) -> bool:
        """Take a result; False for an old one."""
        before = self.known.get(key)
        seen = before.candidate or before.confirmed if before else None
        if before is not None and at <= before.observed_at:
            at = self._put_behind(before, key, said, at)
        after = observe(before, observed(result, seen), at)
        if after is before:
            return False
        self.cells[key] = self.known[key] = after
        self.said[key] = said
        if before is None or after.candidate is not None or after.since != before.since:
            self.steps.append(Step(key, before, after))
        return True

    def _put_behind(self, before: Cell, key: CheckKey, said: datetime, at: datetime) -> datetime:
        """Say when a result was made that seems to be no newer than what is known.

        Corrections differ from report to report, and the order of a probe's results must not.
        """
        newest = self.said.get(key, self.clock.newest)
        if newest is None or said <= newest:
            return at
        return max(at, min(before.observed_at + INSTANT, self.now))

    def _is_away(self) -> bool:
        silent = quiet(self.source) if self.cells else None
        return silent is not None and self.state.neighbours.cut_off(
            self.report.host, silent, self.now
        )

    def _reached(self, *, away: bool) -> Iterator[tuple[str, str]]:
        """Walk the goals that this report shows to be reached."""
        host = self.report.host
        if not self.cells or not self.state.goals.has_any(host):
            return iter(())
        judged = judged_by(
            self.state.judge,
            lambda name: self.source if name == host else self.state.source(name),
            lambda name: away if name == host else self.state.is_away(name, self.now),
            self.now,
        )
        waived = self.state.silences.by(SilencedBy.WAIVER, self.now)
        watch = Watch(self.state.goals, self.state.reached, self.rules, waived)
        return watch.of_source(host, judged)

    def _probe(self) -> ProbeSeen:
        before = self.state.probes.get(self.report.host)
        said = self.report.probe
        facts = self.report.facts
        return ProbeSeen(
            last_seen=max(before.last_seen, self.now) if before else self.now,
            version=said.version,
            loop_lag=said.loop_lag,
            spooled=said.spooled,
            late=said.late,
            dropped=said.dropped,
            durable=said.durable,
            skew=self.clock.skew.total_seconds(),
            correction=self.clock.correction.total_seconds(),
            newest=self.clock.after(self.told),
            facts=before.facts if before and facts == Facts() else facts,
        )

    def _heard(self) -> dict[str, Unheard | None]:
        """Note when a probe is back whose silence was told; its return is told with others'."""
        silent = self.state.unheard.get(self.report.host)
        if silent is None or silent.back is not None:
            return {}
        return {self.report.host: msgspec.structs.replace(silent, back=self.now)}

    def _probe_events(self) -> Iterator[Event]:
        host, version = self.report.host, self.report.probe.version
        before = self.state.probes.get(host)
        if before is None:
            reason = "the probe reported for the first time"
        elif before.version != version:
            reason = f"the probe runs {version} instead of {before.version}"
        else:
            return
        yield Event(
            at=self.now,
            kind=EventKind.PROBE,
            subject=host,
            before=before.version if before else None,
            after=version,
            reason=reason,
        )

    def _version_events(self, shown: dict[str, Shown]) -> Iterator[Event]:
        old, new = f"below {FIRST_NEW}", f"{FIRST_NEW} or higher"
        for host in overturned(shown, self.state.shown):
            is_new = shown[host].new
            yield Event(
                at=self.now,
                kind=EventKind.VERSION,
                subject=host,
                before=old if is_new else new,
                after=new if is_new else old,
                reason="its services show it",
            )


def is_overturned(state: State, changes: Changes) -> bool:
    """Decide whether a version is shown that nobody declared."""
    return bool(changes.shown) and undeclared(
        overturned(changes.shown, state.shown), state.inventory, state.versions
    )


def replanned(state: State, changes: Changes) -> Changes:
    """Make the plan anew that such a version changes."""
    plan = state.planner.plan(state.in_force(shown=changes.shown))
    return msgspec.structs.replace(
        changes, plan=plan, check_ids=allot(map(check_key, plan), state.check_ids)
    )
