"""What operators order: another phase, another inventory, versions of hosts."""

import asyncio
from datetime import datetime
from fnmatch import fnmatchcase

from aiohttp import web

from collector.api import CLOCK, LEDGER, PARTS, SETTINGS
from collector.api.answering import answer
from collector.api.asking import body_of, who
from collector.api.bodies import (
    InventoryOrder,
    PhaseOrder,
    VersionOrder,
    VersionsBody,
    applied_body,
    gate_body,
    phase_body,
)
from collector.api.problems import (
    GATE_NOT_READY,
    NOTHING_TO_JUDGE,
    UNKNOWN_HOST,
    WRONG_SHAPE,
    ApiError,
    declining,
)
from collector.estate import Estate
from collector.memory import Changes
from collector.orders import with_versions
from collector.slices import in_slices
from collector.state import State
from collector.views import Difference
from flows.gates import Count, Gate, GateState
from flows.hosts import Version
from flows.phases import PHASES
from flows.versions import Versions
from flows.warnings import warnings

INVENTORY_BYTES = 64 << 20
"""Of a call that applies an inventory; an estate of 100,000 hosts fits."""


async def set_phase(request: web.Request) -> web.Response:
    """Let a phase begin, if its gate is ready."""
    order = await body_of(request, PhaseOrder, request.app[SETTINGS].limits.body)
    if order.force and not (order.reason or "").strip():
        raise ApiError(WRONG_SHAPE, "force needs a reason: say why the gate may be passed over")
    estate = request.app[PARTS].estate

    async def decide(now: datetime) -> tuple[Changes, None]:
        _ask_gate(estate, order, now)
        reason = f"forced: {order.reason}" if order.force else order.reason or ""
        return estate.decide_phase(order.phase, now, who(request), reason), None

    # What takes long comes before the order, which keeps reports waiting.
    await asyncio.to_thread(estate.state.goals_of, order.phase)
    ledger = request.app[LEDGER]
    await in_slices(estate.judged.renewing(request.app[CLOCK]()), ledger.idle)
    await ledger.order(decide)
    return answer(phase_body(estate))


def _ask_gate(estate: Estate, order: PhaseOrder, now: datetime) -> None:
    """Decline a later phase whose gate is not ready."""
    if order.force or PHASES.index(order.phase) <= PHASES.index(estate.phase):
        return
    with declining(NOTHING_TO_JUDGE, order.phase):
        found = estate.gate(order.phase, now)
    if found.gate.state is not GateState.READY:
        body = gate_body(found, estate.plan.digest, now)
        raise ApiError(GATE_NOT_READY, _why(found.gate), about=order.phase, gate=body)


def _why(gate: Gate) -> str:
    counts = {
        "broken": gate.counts[Count.BROKEN],
        "unproven": gate.counts[Count.UNPROVEN],
        "hosts not upgraded": len(gate.hosts),
    }
    blockers = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"the gate of {gate.phase} is {gate.state}: {blockers}; force it only with a reason"


async def set_inventory(request: web.Request) -> web.Response:
    """Follow another inventory, or tell what it would change."""
    order = await body_of(request, InventoryOrder, INVENTORY_BYTES)
    estate = request.app[PARTS].estate

    async def decide(now: datetime) -> tuple[Changes, tuple[Difference, list[str]]]:
        changes, difference = await asyncio.to_thread(
            estate.decide_inventory, order.inventory, order.name, now, who(request)
        )
        assert changes.plan is not None  # noqa: S101 - an inventory always makes one
        said = warnings(changes.plan.inventory, estate.phase, changes.plan.versions)
        return Changes() if order.dry_run else changes, (difference, said)

    ledger = request.app[LEDGER]

    def made_of(state: State) -> Versions:
        return state.in_force(declared=state.planner.read(order.inventory, order.name))

    async with ledger.ahead.planned(made_of):
        difference, said = await ledger.order(decide)
    return answer(applied_body(difference, said, applied=not order.dry_run))


async def set_versions(request: web.Request) -> web.Response:
    """Set, or take back, the version of the hosts that a glob names."""
    order = await body_of(request, VersionOrder, request.app[SETTINGS].limits.body)
    estate, version = request.app[PARTS].estate, _version(order.version)

    async def decide(now: datetime) -> tuple[Changes, list[str]]:
        with declining(UNKNOWN_HOST):
            changes = await asyncio.to_thread(
                estate.decide_versions, order.glob, version, now, who(request)
            )
        named = [host for host in estate.plan.inventory.hosts if fnmatchcase(host, order.glob)]
        return changes, named

    ledger = request.app[LEDGER]
    async with ledger.ahead.planned(lambda state: with_versions(state, order.glob, version)):
        named = await ledger.order(decide)
    return answer(VersionsBody(hosts=named, version=order.version))


def _version(text: str | None) -> Version | None:
    try:
        return None if text is None else Version(text)
    except ValueError as error:
        raise ApiError(WRONG_SHAPE, str(error)) from error
