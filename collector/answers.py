"""What gates and alerts ask of the estate (DESIGN 4 and 7)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from collector.assignments import check_key
from collector.goals import is_pending, unit_id
from collector.judge import Evidence
from collector.memory import SilencedBy
from collector.state import State
from collector.views import GateAnswer
from flows.gates import Gate, Rules, Standing, evaluate
from flows.judging import PathVerdict
from flows.phases import Phase
from flows.plan import Path
from flows.verdicts import Verdict


def gate_answer(
    state: State,
    rules: Rules,
    phase: Phase,
    verdicts: Mapping[str, PathVerdict],
    now: datetime,
    *,
    done: bool,
) -> GateAnswer:
    """Answer a gate; raises UsageError where there is nothing to judge."""
    standing = Standing(
        waived=state.silences.by(SilencedBy.WAIVER, now),
        attested=state.silences.by(SilencedBy.ATTESTATION, now),
        reached=frozenset(name for reached_in, name in state.reached if reached_in is phase),
    )
    gate = evaluate(state.plan, phase, verdicts, standing, rules, done=done)
    return GateAnswer(gate, _since(state, gate, verdicts))


def _since(
    state: State, gate: Gate, verdicts: Mapping[str, PathVerdict]
) -> dict[str, datetime | None]:
    """Tell since when each blocker has been as it is; of agents, the first that became so."""
    wanted = {unit.id: unit.verdict for unit in gate.blockers}
    grouped = any(unit.group is not None for unit in gate.blockers)
    found: dict[str, datetime | None] = dict.fromkeys(wanted)
    for path in _blocking(state, gate, grouped=grouped):
        cell = state.cell(path)
        for name in [unit_id(path, group) for group in path.groups] or [path.id]:
            if cell is not None and wanted.get(name) is verdicts[path.id].verdict:
                found[name] = min(found[name] or cell.since, cell.since)
    return found


def _blocking(state: State, gate: Gate, *, grouped: bool) -> Iterator[Path]:
    yield from (state.plan.paths[unit.path] for unit in gate.blockers if unit.path is not None)
    if grouped:
        yield from (path for path in state.plan.of(gate.phase) if path.groups)


def is_latched(state: State, phase: Phase, path: Path, now: datetime) -> bool:
    """Decide whether alerts hear of a path: from a confirmed break until it is seen not broken.

    Staleness does not end it. What is pending, silenced or does not bind never begins it; nor does
    what fell silent together with all else around its probe.
    """
    cell = state.cell(path)
    if cell is None or not path.binds(phase):
        return False
    evidence = Evidence.lasting(state.source(path.src), check_key(path))
    if state.judge.in_phase(path, phase, evidence).verdict is not Verdict.BROKEN:
        return False
    if is_pending(path, phase, state.reached) or state.silences.of(path.id, now) is not None:
        return False
    silent = state.neighbours.away(path.src, now)
    round_ = timedelta(seconds=state.assignments.stale_after(check_key(path)))
    return silent is None or cell.since < silent.since - round_
