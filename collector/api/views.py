"""What viewers ask: matrix, paths, plan, hosts, events, gates."""

import asyncio
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta

from collector.api import CLOCK, LEDGER, PARTS
from collector.api.answering import answer, answer_rows, encoded
from collector.api.asking import NoQuery, asked, phase_named
from collector.api.bodies import GateSummary, InventoryBody, gate_body, path_body, phase_body
from collector.api.problems import NOTHING_TO_JUDGE, UNKNOWN_PATH, declining
from collector.api.silence_bodies import Glob
from collector.estate import Estate
from collector.matrix import Verdicts, matrix_rolled_up, matrix_rows
from collector.places import place_named
from collector.probe_counts import probe_counts
from collector.rows import host_rows
from collector.slices import collected, in_slices
from collector.state import State
from collector.store.events import EventQuery
from collector.views import MatrixRow
from collector.wanted import Wanted, WantedHosts
from flows.errors import UsageError
from flows.phases import PHASES, Phase
from flows.plan import Path, Plan

T = TypeVar("T")


class PhaseQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which phase."""

    phase: Phase | None = None


class Agents(StrEnum):
    """How agents are listed."""

    EACH = "each"
    ROLLED_UP = "rolled-up"
    """Counted by group and site instead."""


class MatrixQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which phase, and which of its paths."""

    phase: Phase | None = None
    agents: Agents = Agents.EACH
    flow: Glob | None = None
    """Pattern (fnmatch) over names of flows; the next two over names of hosts."""
    src: Glob | None = None
    dst: Glob | None = None
    group: Glob | None = None
    """Name of a handler group: only its agents' paths."""
    site: Glob | None = None
    """Name of the site of the source."""
    worst: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """At most so many rows, what is broken first."""

    @property
    def wanted(self) -> Wanted:
        """Name the paths that are meant."""
        return Wanted(flow=self.flow, src=self.src, dst=self.dst, group=self.group, site=self.site)


class HostsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which hosts."""

    agents: Agents = Agents.EACH
    """Rolled up: hosts that are agents and nothing else are left out; `probes` counts them."""
    group: Glob | None = None
    """Name of a handler group: only its agents."""
    site: Glob | None = None


class PathQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which path."""

    path: str
    """Its id, as in agent:pc-001>ah-01:tcp/443."""


class GateQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which question."""

    done: bool = False
    """Has the phase reached its goal? Else: may it start?"""


class OneGateQuery(GateQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which question about one phase."""

    worst: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """At most so many paths that block, what is broken first; groups' agents are all there."""


async def matrix(request: web.Request) -> web.StreamResponse:
    """List what a phase asks for, with its verdicts; by default the phase that holds."""
    estate, now = request.app[PARTS].estate, request.app[CLOCK]()
    query = asked(request, MatrixQuery)
    phase = query.phase or estate.phase
    head: dict[str, object] = {"phase": phase, "plan": estate.plan.digest}
    if query.agents is Agents.ROLLED_UP:
        rows, head["agents"] = await _judged(
            request, phase, now, partial(matrix_rolled_up, wanted=query.wanted)
        )
    else:
        rows = await _judged(
            request, phase, now, partial(_all_rows, wanted=query.wanted, worst=query.worst)
        )
    return await answer_rows(request, rows, encoded(head)[:-1] + b',"rows":[', b"]}")


def _all_rows(
    state: State,
    verdicts: Verdicts,
    phase: Phase,
    now: datetime,
    *,
    wanted: Wanted,
    worst: int | None,
) -> Generator[None, None, list[MatrixRow]]:
    return collected(matrix_rows(state, verdicts, phase, now, wanted, worst=worst))


async def _judged(
    request: web.Request,
    phase: Phase,
    now: datetime,
    made: Callable[[State, Verdicts, Phase, datetime], Generator[None, None, T]],
) -> T:
    """Make an answer of what is judged; anew where another plan or phase comes to hold."""
    estate = request.app[PARTS].estate
    while True:
        await _beside_reports(request, estate.judged.renewing(now))
        judged, epoch = estate.judged, estate.judged.epoch
        try:
            answered = made(estate.state, judged.of(phase, now), phase, now)
            found = await _beside_reports(request, answered)
        except KeyError:
            if estate.judged is judged:
                raise
            continue
        if estate.judged is judged and judged.epoch == epoch:
            return found


async def _beside_reports(request: web.Request, work: Generator[object, None, T]) -> T:
    return await in_slices(work, request.app[LEDGER].idle)


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
    query = asked(request, HostsQuery)
    wanted = WantedHosts(agents=query.agents is Agents.EACH, group=query.group, site=query.site)
    state, now = request.app[PARTS].estate.state, request.app[CLOCK]()
    rows = host_rows(state, wanted.hosts(state.inventory), now)
    return await answer_rows(request, await _beside_reports(request, collected(rows)))


async def probes(request: web.Request) -> web.Response:
    """Count the probes that report, and those of agents by group and site."""
    asked(request, NoQuery)
    state, now = request.app[PARTS].estate.state, request.app[CLOCK]()
    return answer(await _beside_reports(request, probe_counts(state, now)))


async def events(request: web.Request) -> web.StreamResponse:
    """List what happened: the newest first, or after an id the oldest first."""
    parts, query = request.app[PARTS], asked(request, EventQuery)
    place = place_named(parts.estate.plan.inventory, query.host)
    found = await parts.store.events(query, place)
    return await answer_rows(request, found)


async def gate(request: web.Request) -> web.Response:
    """Answer a gate."""
    estate, now = request.app[PARTS].estate, request.app[CLOCK]()
    phase = phase_named(request.match_info["phase"])
    query = asked(request, OneGateQuery)
    await _beside_reports(request, estate.judged.renewing(now))
    with declining(NOTHING_TO_JUDGE):
        found = estate.gate(phase, now, done=query.done)
    digest = estate.plan.digest
    # In a thread, for a host of every agent may stand in the way.
    return await asyncio.to_thread(lambda: answer(gate_body(found, digest, now, query.worst)))


async def gates(request: web.Request) -> web.Response:
    """Answer the gates of all phases, and only count what stands in their way."""
    estate, now = request.app[PARTS].estate, request.app[CLOCK]()
    done = asked(request, GateQuery).done
    await _beside_reports(request, estate.judged.renewing(now))
    return answer([_summary(estate, phase, now, done=done) for phase in PHASES])


def _summary(estate: Estate, phase: Phase, now: datetime, *, done: bool) -> GateSummary:
    try:
        gate = estate.gate(phase, now, done=done).gate
    except UsageError:
        return GateSummary(phase=phase, state=None, done=done, counts={}, blockers=0, hosts=0)
    return GateSummary(
        phase=phase,
        state=gate.state,
        done=done,
        counts=gate.counts,
        blockers=len(gate.blockers),
        hosts=len(gate.hosts),
    )


async def phase(request: web.Request) -> web.Response:
    """Tell which phase holds."""
    asked(request, NoQuery)
    return answer(phase_body(request.app[PARTS].estate))


async def inventory(request: web.Request) -> web.Response:
    """Give the inventory in force."""
    asked(request, NoQuery)
    written = request.app[PARTS].estate.state.written
    return answer(InventoryBody(inventory=written.text, name=written.name))
