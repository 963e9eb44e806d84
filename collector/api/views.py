"""What viewers ask: matrix, paths, plan, hosts, events, gates."""

from collections.abc import Iterator

import msgspec
from aiohttp import web

from collector.api import CLOCK, PARTS
from collector.api.asking import NoQuery, asked, phase_named
from collector.api.bodies import (
    InventoryBody,
    answer,
    answer_rows,
    gate_body,
    path_body,
    phase_body,
)
from collector.api.problems import NOTHING_TO_JUDGE, UNKNOWN_PATH, declining
from collector.store.events import EventQuery
from flows.phases import Phase
from flows.plan import Path, Plan


class PhaseQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which phase."""

    phase: Phase | None = None


class PathQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which path."""

    path: str
    """Its id, as in agent:pc-001>ah-01:tcp/443."""


class GateQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which question."""

    done: bool = False
    """Has the phase reached its goal? Else: may it start?"""


async def matrix(request: web.Request) -> web.StreamResponse:
    """List what a phase asks for, with its verdicts; by default the phase that holds."""
    estate = request.app[PARTS].estate
    phase = asked(request, PhaseQuery).phase or estate.phase
    head = {"phase": phase, "plan": estate.plan.digest}
    rows = estate.matrix(phase, request.app[CLOCK]())
    return await answer_rows(request, rows, msgspec.json.encode(head)[:-1] + b',"rows":[', b"]}")


async def path(request: web.Request) -> web.Response:
    """Show all that is known of one path."""
    name = asked(request, PathQuery).path
    with declining(UNKNOWN_PATH):
        view = request.app[PARTS].estate.path_view(name, request.app[CLOCK]())
    return answer(path_body(view))


async def plan(request: web.Request) -> web.StreamResponse:
    """List the paths of the plan, or of one phase with its expectation only."""
    phase = asked(request, PhaseQuery).phase
    return await answer_rows(request, _paths(request.app[PARTS].estate.plan, phase))


def _paths(plan: Plan, phase: Phase | None) -> Iterator[Path]:
    if phase is None:
        yield from plan
    else:
        for path in plan.of(phase):
            yield msgspec.structs.replace(path, expect={phase: path.expect[phase]})


async def hosts(request: web.Request) -> web.StreamResponse:
    """List the machines of the estate, and how their probes fare."""
    asked(request, NoQuery)
    return await answer_rows(request, request.app[PARTS].estate.hosts(request.app[CLOCK]()))


async def events(request: web.Request) -> web.StreamResponse:
    """List what happened: the newest first, or after an id the oldest first."""
    found = await request.app[PARTS].store.events(asked(request, EventQuery))
    return await answer_rows(request, found)


async def gate(request: web.Request) -> web.Response:
    """Answer a gate."""
    estate, now = request.app[PARTS].estate, request.app[CLOCK]()
    phase = phase_named(request.match_info["phase"])
    done = asked(request, GateQuery).done
    with declining(NOTHING_TO_JUDGE):
        found = estate.gate(phase, now, done=done)
    return answer(gate_body(found, estate.plan.digest, now))


async def phase(request: web.Request) -> web.Response:
    """Tell which phase holds."""
    asked(request, NoQuery)
    return answer(phase_body(request.app[PARTS].estate))


async def inventory(request: web.Request) -> web.Response:
    """Give the inventory in force."""
    asked(request, NoQuery)
    memory = request.app[PARTS].estate.memory
    return answer(InventoryBody(inventory=memory.inventory_text, name=memory.inventory_name))
