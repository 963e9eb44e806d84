"""Families about phases and their gates."""

from collections.abc import Iterator
from datetime import datetime

from collector.estate import Estate
from collector.exposition import Type, family, labels
from collector.views import GateAnswer
from flows.errors import UsageError
from flows.gates import GateState
from flows.phases import PHASES, Phase


def families(estate: Estate, now: datetime) -> Iterator[str]:
    """Render the phase that holds, and every gate; empty pieces are steps between."""
    ready: dict[Phase, GateAnswer | None] = {}
    done: dict[Phase, GateAnswer | None] = {}
    for phase in PHASES:
        ready[phase] = _gate(estate, phase, now, done=False)
        yield ""
        done[phase] = _gate(estate, phase, now, done=True)
        yield ""
    yield family(
        "gatewatch_phase_current",
        Type.GAUGE,
        "1 for the phase that holds.",
        ((labels({"phase": phase}), phase is estate.phase) for phase in PHASES),
    )
    yield family(
        "gatewatch_phase_ready",
        Type.GAUGE,
        "1 if the phase may start: its gate is READY.",
        ((labels({"phase": phase}), _is_ready(gate)) for phase, gate in ready.items()),
    )
    yield family(
        "gatewatch_phase_done",
        Type.GAUGE,
        "1 if the phase has reached its goal.",
        ((labels({"phase": phase}), _is_ready(gate)) for phase, gate in done.items()),
    )
    yield family(
        "gatewatch_phase_paths",
        Type.GAUGE,
        "What the gate of a phase counts: binding paths, agents by group, flow and handler.",
        (
            (labels({"phase": phase, "verdict": count}), number)
            for phase, answer in ready.items()
            if answer is not None
            for count, number in answer.gate.counts.items()
        ),
    )


def _gate(estate: Estate, phase: Phase, now: datetime, *, done: bool) -> GateAnswer | None:
    try:
        return estate.gate(phase, now, done=done)
    except UsageError:  # nothing to judge there, and nothing is never ready
        return None


def _is_ready(answer: GateAnswer | None) -> bool:
    return answer is not None and answer.gate.state is GateState.READY
