"""Every call of the API in one table: its address, its handler, and what goes in and out."""

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from collector.api import (
    assignments,
    health,
    metrics,
    orders,
    problems,
    reports,
    run_stream,
    runs,
    silences,
    stream,
    views,
)
from collector.api.asking import NoQuery
from collector.api.bodies import (
    AppliedBody,
    GateBody,
    GateSummary,
    InventoryBody,
    InventoryOrder,
    MatrixBody,
    PathBody,
    PhaseBody,
    PhaseOrder,
    VersionOrder,
    VersionsBody,
    answer,
)
from collector.api.openapi import Call, document
from collector.api.run_bodies import RunBody, RunDetail, RunOrder
from collector.api.silence_bodies import (
    AttestationBody,
    AttestationOrder,
    MaintenanceBody,
    MaintenanceOrder,
    WaiverBody,
    WaiverOrder,
)
from collector.memory import Event
from collector.store.events import EventQuery
from collector.views import HostRow, ProbeCounts
from flows.messages import Accepted, Assignment, Report
from flows.plan import Path

V1 = "/api/v1"
_TEXT = "text/plain"
_STORED = (problems.STORE_UNAVAILABLE,)
_OF_A_PROBE = (problems.UNKNOWN_HOST, problems.NO_PROBE)


async def openapi(request: web.Request) -> web.Response:
    """Describe this API."""
    return answer(request.app[_DOCUMENT])


def _of_a_silence(
    name: str,
    handlers: tuple[Handler, Handler, Handler],
    types: tuple[type[msgspec.Struct], type[msgspec.Struct]],
    unknown: problems.Kind,
) -> Iterator[Call]:
    """List the calls of one face of silences: to list them, to give one, to take one back."""
    every, give, take_back = handlers
    order, body = types
    yield Call("GET", f"{V1}/{name}", every, list[body], query=NoQuery)  # type: ignore[valid-type] # given at run time
    yield Call(
        "POST",
        f"{V1}/{name}",
        give,
        body,
        body=order,
        problems=(unknown, problems.BAD_TIME, *_STORED),
    )
    yield Call(
        "DELETE",
        f"{V1}/{name}/{{id}}",
        take_back,
        body,
        problems=(problems.UNKNOWN_ID, *_STORED),
    )


CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{V1}/assignments/{{host}}",
        assignments.assignment,
        Assignment,
        query=assignments.AssignmentQuery,
        problems=(*_OF_A_PROBE, problems.TOO_MANY_POLLS),
        may_be_unchanged=True,
    ),
    Call(
        "POST",
        f"{V1}/reports",
        reports.take_report,
        Accepted,
        body=Report,
        problems=(problems.FOREIGN_PATH, *_OF_A_PROBE, problems.TOO_MANY_RESULTS, *_STORED),
    ),
    Call("GET", f"{V1}/matrix", views.matrix, MatrixBody, query=views.MatrixQuery),
    Call(
        "GET",
        f"{V1}/path",
        views.path,
        PathBody,
        query=views.PathQuery,
        problems=(problems.UNKNOWN_PATH,),
    ),
    Call("GET", f"{V1}/plan", views.plan, list[Path], query=views.PhaseQuery),
    Call("GET", f"{V1}/hosts", views.hosts, list[HostRow], query=views.HostsQuery),
    Call("GET", f"{V1}/probes", views.probes, ProbeCounts, query=NoQuery),
    Call(
        "PATCH",
        f"{V1}/hosts",
        orders.set_versions,
        VersionsBody,
        body=VersionOrder,
        problems=(problems.UNKNOWN_HOST, *_STORED),
    ),
    Call("GET", f"{V1}/events", views.events, list[Event], query=EventQuery, problems=_STORED),
    Call(
        "GET",
        f"{V1}/events/stream",
        stream.stream,
        stream.EVENT_STREAM,
        query=stream.StreamQuery,
        problems=(problems.TOO_MANY_STREAMS, *_STORED),
    ),
    Call("GET", f"{V1}/gates", views.gates, list[GateSummary], query=views.GateQuery),
    Call(
        "GET",
        f"{V1}/gates/{{phase}}",
        views.gate,
        GateBody,
        query=views.OneGateQuery,
        problems=(problems.UNKNOWN_PHASE, problems.NOTHING_TO_JUDGE),
    ),
    Call("GET", f"{V1}/phase", views.phase, PhaseBody, query=NoQuery),
    Call(
        "PUT",
        f"{V1}/phase",
        orders.set_phase,
        PhaseBody,
        body=PhaseOrder,
        problems=(problems.GATE_NOT_READY, problems.NOTHING_TO_JUDGE, *_STORED),
    ),
    *_of_a_silence(
        "waivers",
        (silences.waivers, silences.waive, silences.unwaive),
        (WaiverOrder, WaiverBody),
        problems.UNKNOWN_PATH,
    ),
    *_of_a_silence(
        "attestations",
        (silences.attestations, silences.attest, silences.unattest),
        (AttestationOrder, AttestationBody),
        problems.UNKNOWN_PATH,
    ),
    *_of_a_silence(
        "maintenance",
        (silences.maintenance, silences.maintain, silences.end_maintenance),
        (MaintenanceOrder, MaintenanceBody),
        problems.UNKNOWN_HOST,
    ),
    Call("GET", f"{V1}/runs", runs.runs, list[RunBody], query=NoQuery),
    Call(
        "POST",
        f"{V1}/runs",
        runs.begin_run,
        RunBody,
        body=RunOrder,
        problems=(problems.UNKNOWN_PATH, problems.TOO_MANY_RUNS, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/runs/{{id}}",
        runs.run,
        RunDetail,
        query=NoQuery,
        problems=(problems.UNKNOWN_ID, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/runs/{{id}}/events",
        run_stream.run_events,
        stream.EVENT_STREAM,
        query=NoQuery,
        problems=(problems.UNKNOWN_ID, problems.TOO_MANY_STREAMS),
    ),
    Call(
        "DELETE",
        f"{V1}/runs/{{id}}",
        runs.cancel_run,
        RunBody,
        problems=(problems.UNKNOWN_ID, *_STORED),
    ),
    Call("GET", f"{V1}/inventory", views.inventory, InventoryBody, query=NoQuery),
    Call(
        "PUT",
        f"{V1}/inventory",
        orders.set_inventory,
        AppliedBody,
        body=InventoryOrder,
        problems=(problems.REFUSED_INVENTORY, *_STORED),
    ),
    Call("GET", f"{V1}/openapi.json", openapi, dict[str, Any]),
    Call("GET", "/healthz", health.healthz, health.Status),
    Call("GET", "/readyz", health.readyz, health.Status, problems=_STORED),
    Call("GET", "/metrics", metrics.of_everything, _TEXT),
    Call("GET", "/metrics/self", metrics.of_this_process, _TEXT),
    Call("GET", "/metrics/estate", metrics.of_the_estate, _TEXT),
)

_DOCUMENT = web.AppKey("openapi", dict[str, Any])


def add_routes(app: web.Application, version: str) -> None:
    """Serve every call."""
    for call in CALLS:
        if call.method == "GET":
            app.router.add_get(call.path, call.handler)
        else:
            app.router.add_route(call.method, call.path, call.handler)
    app[_DOCUMENT] = document(CALLS, version)
