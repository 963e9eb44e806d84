"""What gates and alerts ask of the estate (DESIGN 4 and 7)."""

from dataclasses import replace
from datetime import datetime, timedelta

from collector.assignments import check_key
from collector.goals import is_pending
from collector.judge import Evidence
from collector.memory import SilencedBy
from collector.opinions import Opinion, Opinions
from collector.state import State
from collector.verdicts import Verdicts
from collector.views import GateAnswer
from flows.gates import Gate, Rules, Standing, evaluate
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.plan import GOALS, Path
from flows.verdicts import Verdict

Stamp = tuple[int, int, frozenset[str], frozenset[str]]
"""What a gate's answer rests on: what is thought, goals that are reached, and what was said."""


class Gates:
    """Answers gates; the same question on the same verdicts is answered once."""

    def __init__(self, state: State, verdicts: Verdicts, rules: Rules) -> None:
        self._state = state
        self._verdicts = verdicts
        self._rules = rules
        self._answered: dict[tuple[Phase, bool], tuple[Stamp, GateAnswer]] = {}

    def answer(self, phase: Phase, now: datetime, *, done: bool) -> GateAnswer:
        """Answer a gate; raises UsageError where there is nothing to judge."""
        silences = self._state.silences
        waived = silences.by(SilencedBy.WAIVER, now)
        attested = silences.by(SilencedBy.ATTESTATION, now)
        verdicts = self._verdicts.of(phase, now)
        stamp = (self._verdicts.made, len(self._state.reached), waived, attested)
        asked = (phase, done and phase in GOALS)  # without goals both gates are the same
        known = self._answered.get(asked)
        if known is None or known[0] != stamp:
            reached = frozenset(name for at, name in self._state.reached if at is phase)
            standing = Standing(waived, attested, reached)
            agents = self._verdicts.agent_units(phase, now, waived, attested)
            gate = evaluate(
                self._state.plan,
                phase,
                verdicts,
                standing,
                self._rules,
                done=asked[1],
                agents=agents,
                hosts=self._state.problems[phase],
            )
            known = stamp, GateAnswer(gate, self._since(gate, now))
            self._answered[asked] = known
        answer = known[1]
        return replace(answer, gate=replace(answer.gate, done=done))

    def _since(self, gate: Gate, now: datetime) -> dict[str, datetime | None]:
        """Tell since when each blocker has been as it is; of agents, the first that became so."""
        found: dict[str, datetime | None] = {}
        for unit in gate.blockers:
            if unit.path is not None:
                cell = self._state.cell(self._state.plan.paths[unit.path])
                found[unit.id] = cell.since if cell else None
            else:
                crowds = self._verdicts.crowds(now)
                found[unit.id] = crowds.since(
                    unit.group or "", unit.flow, unit.dst, gate.phase, unit.verdict
                )
        return found


def is_latched(state: State, path: Path, opinions: Opinions, phase: Phase, now: datetime) -> bool:
    """Decide whether alerts hear of a path: from a confirmed break until it is seen not broken.

    An attestation ends a break that nobody sees any more, and never one that is seen.
    """
    return (
        phase in opinions.lost
        and phase in opinions.binding
        and not state.silences.mutes(path.id, now)
        and not is_attested(state, path, opinions.phases[phase], now)
        and not is_pending(path, phase, state.reached)
        and not _fell_silent_with_all(state, path, now)
    )


def is_attested(state: State, path: Path, opinion: Opinion, now: datetime) -> bool:
    """Decide whether an operator's attestation stands for what is thought of a path."""
    attested = state.silences.by(SilencedBy.ATTESTATION, now)
    return path.id in attested and opinion.about(path, None).attested_by(attested)


def break_of(state: State, path: Path, now: datetime) -> PathVerdict | None:
    """Judge a path that alerts would hear of now if nobody silenced it; None for any other.

    Staleness does not end a break. What is pending or does not bind never begins one; nor does what
    fell silent together with all else around its probe.
    """
    phase = state.phase
    if not path.binds(phase) or is_pending(path, phase, state.reached):
        return None
    evidence = Evidence.lasting(state.source(path.src), check_key(path))
    judged = state.judge.in_phase(path, phase, evidence)
    is_broken = judged.verdict is Verdict.BROKEN and not _fell_silent_with_all(state, path, now)
    return judged if is_broken else None


def today(state: State, path: Path, now: datetime) -> PathVerdict:
    """Judge a path that the current phase asks for by what is known of it now."""
    away = state.is_away(path.src, now)
    evidence = Evidence.today(state.source(path.src), check_key(path), now, away=away)
    return state.judge.in_phase(path, state.phase, evidence)


def _fell_silent_with_all(state: State, path: Path, now: datetime) -> bool:
    silent, cell = state.neighbours.away(path.src, now), state.cell(path)
    if silent is None or cell is None:
        return False
    round_ = timedelta(seconds=state.assignments.stale_after(check_key(path)))
    return cell.since >= silent.since - round_
