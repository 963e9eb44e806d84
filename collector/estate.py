"""The estate: what the collector knows, what it decides, and what it answers (DESIGN 2 to 4).

Deciding never changes it, so that a write that fails changes nothing: decide, write what came of
it, then apply. A decision is made on what was applied before it, so they go one after the other.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import msgspec

from collector.admission import Admission
from collector.answers import Gates
from collector.assignments import WINDOWS, allot
from collector.goals import Watch, goal_events
from collector.matrix import matrix_rows
from collector.memory import Changes, CheckKey, Memory, ProbeSeen, Silence, SilencedBy
from collector.orders import decide_growth, decide_inventory, decide_phase, decide_versions
from collector.reports import decide_report, is_overturned, replanned
from collector.rows import path_view
from collector.run_orders import (
    counts_of,
    decide_cancel,
    decide_run,
    decide_run_end,
    run_rows,
    silent_probes,
)
from collector.runs import MOST_NAMED, OnDemand, RunRow, Target
from collector.silences import waived
from collector.silencing import decide_end, decide_ends, decide_silence
from collector.state import State
from collector.timing import Timing
from collector.unheard import decide_unheard
from collector.verdicts import Verdicts
from collector.views import (
    AgentCount,
    Difference,
    GateAnswer,
    MatrixRow,
    PathView,
    RollUp,
)
from collector.wanted import ALL, Wanted
from flows.agents import AgentUnit
from flows.cells import Cell
from flows.errors import UsageError
from flows.gates import Rules
from flows.hosts import Version
from flows.judging import PathVerdict
from flows.messages import Assignment, Report, Run
from flows.phases import Phase
from flows.plan import Plan
from flows.reading import did_you_mean


class Estate:
    """Everything in memory. Raises Refused where the remembered inventory cannot be read."""

    def __init__(self, memory: Memory, timing: Timing, rules: Rules, now: datetime) -> None:
        self._state = State(memory, timing, now)
        self._rules = rules
        self._judge_anew()

    @property
    def memory(self) -> Memory:
        """Copy what a restart would need, as it is now."""
        return self._state.memory()

    @property
    def state(self) -> State:
        """All that is known, for whoever shows it; only `apply` changes it."""
        return self._state

    @property
    def judged(self) -> Verdicts:
        """What is thought of it; another object once another plan or phase holds."""
        return self._verdicts

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._state.plan

    @property
    def phase(self) -> Phase:
        """The phase that holds."""
        return self._state.phase

    @property
    def phase_since(self) -> datetime:
        """When it began."""
        return self._state.standing.since

    @property
    def revision(self) -> int:
        """How often something was applied; what was asked before may be old when it differs."""
        return self._state.revision

    def apply(self, changes: Changes) -> None:
        """Take in what was decided and written; the same again changes nothing."""
        touched = self._state.apply(changes)
        if changes.plan is not None:
            self._judge_anew()
            return
        self._verdicts.change(touched)
        if changes.phase is not None:
            self._verdicts.enter_phase()

    def restart(self, memory: Memory, now: datetime) -> None:
        """Forget everything, and know this."""
        revision = self._state.revision + 1
        self._state = State(memory, self._state.timing, now)
        self._state.revision = revision
        self._judge_anew()

    def prepare(self, changes: Changes) -> None:
        """Make what follows from changes that will be applied next; in any thread."""
        self._state.prepare(changes)

    def planned(self, changes: Changes) -> Plan:
        """Make the plan that follows from changes which another collector decided."""
        return self._state.planned(changes)

    def probe_of(self, host: str) -> ProbeSeen | None:
        """Look up what a host's probe last said of itself."""
        return self._state.probes.get(host)

    def cells_with(
        self, host: str, changed: Mapping[CheckKey, Cell], gone: Collection[CheckKey]
    ) -> dict[int, Cell]:
        """Give what is known of a host's checks, by their ids, as it is with these changes."""
        return self._state.cells_with(host, changed, gone)

    def _judge_anew(self) -> None:
        self._verdicts = Verdicts(self._state)
        self._gates = Gates(self._state, self._verdicts, self._rules)

    def decide_start(self, now: datetime) -> Changes:
        """Decide what a start itself changes: ids for new checks, goals reached, silences over."""
        goals, ends = self.decide_goals(now), self.decide_ends(now)
        return Changes(
            check_ids=allot(self._state.assignments.paths, self._state.check_ids),
            reached=goals.reached,
            silences=ends.silences,
            events=(*goals.events, *ends.events),
        )

    def decide_report(self, report: Report, now: datetime, *, replan: bool = True) -> Changes:
        """Decide what a report changes; results of foreign checks are dropped and counted.

        Without `replan` a version that it shows is left to `replanned`, for a plan takes long.
        """
        changes = decide_report(self._state, self._rules, report, now)
        return self.replanned(changes) if replan and self.is_overturned(changes) else changes

    def is_overturned(self, changes: Changes) -> bool:
        """Decide whether a version is shown that nobody declared, so that the plan is another."""
        return is_overturned(self._state, changes)

    def replanned(self, changes: Changes) -> Changes:
        """Add the plan that follows from a version that is shown."""
        return replanned(self._state, changes)

    def decide_phase(
        self, phase: Phase, now: datetime, by: str | None = None, reason: str = ""
    ) -> Changes:
        """Decide to let another phase hold. Gates are asked by whoever asks for this."""
        crowds = self._verdicts.crowds(now)
        return decide_phase(self._state, crowds, self._rules, phase, now, by=by, reason=reason)

    def decide_versions(
        self, glob: str, version: Version | None, now: datetime, by: str | None = None
    ) -> Changes:
        """Decide to set the version of hosts; None takes it back. Raises UsageError for no host."""
        return decide_versions(self._state, glob, version, now, by)

    def decide_inventory(
        self, text: str, name: str, now: datetime, by: str | None = None
    ) -> tuple[Changes, Difference]:
        """Decide to follow another inventory. Raises Refused with all problems of the file."""
        return decide_inventory(self._state, text, name, now, by)

    def decide_goals(self, now: datetime) -> Changes:
        """Find goals that are reached now; reports leave those of large groups to this.

        Ask once an interval or so.
        """
        state = self._state
        under_waiver = state.silences.by(SilencedBy.WAIVER, now)
        watch = Watch(state.goals, state.reached, self._rules, under_waiver)
        if not watch.is_any_open:
            return Changes()
        verdicts = self.verdicts(self.phase, now)
        units = self._verdicts.agent_units(self.phase, now, under_waiver)
        reached = dict(watch.of_all(lambda path: verdicts[path.id], units))
        return Changes(
            reached=frozenset((self.phase, name) for name in reached),
            events=tuple(goal_events(self.phase, reached, now)),
        )

    def decide_silence(self, name: str, silence: Silence, now: datetime) -> Changes:
        """Decide to take an operator's word about paths, by a new id.

        Raises UsageError where it is about nothing in the plan.
        """
        return decide_silence(self._state, name, silence, now)

    def decide_end(
        self, kind: SilencedBy, name: str, now: datetime, by: str | None = None
    ) -> Changes:
        """Decide to take such a word back; raises UsageError for an id that is not there."""
        return decide_end(self._state, kind, name, now, by)

    def decide_ends(self, now: datetime) -> Changes:
        """Let go the words whose time is over; ask once an interval or so."""
        return decide_ends(self._state, now)

    def decide_unheard(self, heard_from: datetime, now: datetime) -> Changes:
        """Tell of probes that fell silent or are back; ask once an interval or so."""
        return decide_unheard(self._state, heard_from, now)

    def decide_growth(self) -> Changes:
        """Decide on the plan with the agents that joined or left; ask every second or so."""
        return decide_growth(self._state)

    @property
    def is_outgrown(self) -> bool:
        """Whether agents joined or left since the plan was made."""
        return self._state.is_outgrown

    @property
    def admission(self) -> Admission:
        """Who is let in, and what changes it."""
        return Admission(self._state)

    def silences(self, kind: SilencedBy) -> list[tuple[str | None, Silence]]:
        """List what was said of paths, with its id: the inventory's words first, without one."""
        inventory = ((None, waived(one)) for one in self.plan.inventory.waivers)
        given = sorted(self._state.given.items(), key=lambda item: (item[1].until, item[0]))
        every = [*inventory, *given]
        return [(name, one) for name, one in every if one.kind is kind]

    def assignment(self, host: str) -> Assignment:
        """Write what a probe has to measure. Raises UsageError for a host without one."""
        hosts = self.plan.inventory.hosts
        if host not in hosts:
            raise UsageError(f"no host is named '{host}'{did_you_mean(host, hosts)}")
        if not hosts[host].has_probe:
            raise UsageError(f"the host '{host}' has no role that measures anything")
        seen = self._state.probes.get(host)
        windows = seen is not None and (seen.facts.os or "").lower() == WINDOWS
        return self._state.assignments.of(host, self._state.check_ids, windows=windows)

    def decide_run(
        self, name: str, target: Target, now: datetime, by: str | None = None
    ) -> tuple[Changes, OnDemand]:
        """Decide to measure paths now, under a new id; equal runs are one.

        Raises UsageError where no path matches, TooManyRuns where others began just now.
        """
        return decide_run(self._state, name, target, now, by)

    def decide_cancel(
        self, name: str, now: datetime, by: str | None = None
    ) -> tuple[Changes, OnDemand]:
        """Decide to end a run early; raises UsageError for an id that is not there."""
        return decide_cancel(self._state, name, now, by)

    def decide_run_end(self, now: datetime) -> Changes:
        """Let one run go that is answered, or waited long enough."""
        return decide_run_end(self._state, now)

    @property
    def run_ids(self) -> list[str]:
        """List the runs that are known, the oldest first."""
        return list(self._state.runs.known)

    @property
    def has_runs_open(self) -> bool:
        """Whether any run waits for answers."""
        return bool(self._state.runs.open)

    def has_run_over(self, now: datetime) -> bool:
        """Decide whether a run has to be ended."""
        return self._state.runs.has_over(now)

    def run_turns(
        self, now: datetime, told: dict[str, int]
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Walk the runs with the hosts whose turn has come since `told`, which is kept up."""
        return self._state.runs.turns(now, told)

    def runs_of(self, host: str, now: datetime) -> tuple[Run, ...]:
        """Write what a probe is asked to measure at once."""
        return self._state.runs.told(host, now)

    def run_progress(self, name: str) -> OnDemand:
        """Tell how far a run is, and no more. Raises UsageError for an id that is not there."""
        return self._state.runs.progress(name)

    def run(self, name: str, now: datetime) -> OnDemand:
        """Show a run as it is now. Raises UsageError for an id that is not there."""
        return self.run_with_rows(name, now)[0]

    def run_with_rows(self, name: str, now: datetime) -> tuple[OnDemand, list[RunRow] | None]:
        """Show a run and its rows; None where it is over, and the store has them."""
        run = self.run_progress(name)
        waiting = self._state.runs.open.get(name)
        if waiting is None:
            return run, None
        rows = list(run_rows(self._state, waiting, now, over=False))
        silent = silent_probes(self._state, waiting, now, over=False)
        shown = msgspec.structs.replace(
            run,
            silent=tuple(silent[:MOST_NAMED]),
            silent_probes=len(silent),
            counts=counts_of(rows),
        )
        return shown, rows

    def matrix(
        self, phase: Phase | None, now: datetime, wanted: Wanted = ALL, worst: int | None = None
    ) -> list[MatrixRow]:
        """List a row for each path that a phase asks for; None is the phase that holds.

        `worst` asks for so many at most, what is broken first.
        """
        phase = phase or self.phase
        verdicts = self.verdicts(phase, now)
        return list(matrix_rows(self._state, verdicts, phase, now, wanted, worst=worst))

    def verdicts(self, phase: Phase, now: datetime) -> Mapping[str, PathVerdict]:
        """Judge what a phase asks for, by path id. Use it before anything else is applied."""
        return self._verdicts.of(phase, now)

    def gate(self, phase: Phase, now: datetime, *, done: bool = False) -> GateAnswer:
        """Answer a gate. Raises UsageError where there is nothing to judge."""
        return self._gates.answer(phase, now, done=done)

    def path_view(self, path: str, now: datetime) -> PathView:
        """Show all that is known of a path. Raises UsageError for one that is not in the plan."""
        return path_view(self._state, path, now)

    def agent_states(self, now: datetime) -> list[AgentCount]:
        """Count how agents fare in the phase that holds, by group and site."""
        return self._verdicts.agent_states(now)

    def agent_rollup(self, phase: Phase, now: datetime) -> list[RollUp]:
        """Count the verdicts of agents' paths, by group, site, flow and destination."""
        return self._verdicts.agent_rollup(phase, now)

    def agent_units(self, phase: Phase, now: datetime) -> list[AgentUnit]:
        """Roll up what a phase binds agents to, by group, flow and destination."""
        waived, attested = (
            self.silenced_by(kind, now) for kind in (SilencedBy.WAIVER, SilencedBy.ATTESTATION)
        )
        return list(self._verdicts.agent_units(phase, now, waived, attested))

    def silenced_by(self, kind: SilencedBy, now: datetime) -> frozenset[str]:
        """List the ids of the paths under a kind of silence."""
        return self._state.silences.by(kind, now)
