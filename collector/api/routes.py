"""Every call of the API in one table: its address, its handler, and what goes in and out."""

from typing import Any

from aiohttp import web

from collector.api import assignments, health, metrics, orders, problems, reports, stream, views
from collector.api.bodies import (
    AppliedBody,
    GateBody,
    InventoryBody,
    InventoryOrder,
    MatrixBody,
    PathBody,
    PhaseBody,
    PhaseOrder,
    VersionOrder,
    VersionsBody,
    WaiverBody,
    answer,
)
from collector.api.openapi import Call, document
from collector.memory import Event
from collector.store.events import EventQuery
from collector.views import HostRow
from flows.messages import Accepted, Assignment, Report
from flows.plan import Path

V1 = "/api/v1"
_TEXT = "text/plain"
_STORED = (problems.STORE_UNAVAILABLE,)
_OF_A_PROBE = (problems.UNKNOWN_HOST, problems.NO_PROBE)


async def openapi(request: web.Request) -> web.Response:
    """Describe this API."""
    return answer(request.app[_DOCUMENT])


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
    Call("GET", f"{V1}/matrix", views.matrix, MatrixBody, query=views.PhaseQuery),
    Call(
        "GET",
        f"{V1}/path",
        views.path,
        PathBody,
        query=views.PathQuery,
        problems=(problems.UNKNOWN_PATH,),
    ),
    Call("GET", f"{V1}/plan", views.plan, list[Path], query=views.PhaseQuery),
    Call("GET", f"{V1}/hosts", views.hosts, list[HostRow], query=views.NoQuery),
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
    Call(
        "GET",
        f"{V1}/gates/{{phase}}",
        views.gate,
        GateBody,
        query=views.GateQuery,
        problems=(problems.UNKNOWN_PHASE, problems.NOTHING_TO_JUDGE),
    ),
    Call("GET", f"{V1}/phase", views.phase, PhaseBody, query=views.NoQuery),
    Call(
        "PUT",
        f"{V1}/phase",
        orders.set_phase,
        PhaseBody,
        body=PhaseOrder,
        problems=(problems.GATE_NOT_READY, problems.NOTHING_TO_JUDGE, *_STORED),
    ),
    Call("GET", f"{V1}/waivers", views.waivers, list[WaiverBody], query=views.NoQuery),
    Call("GET", f"{V1}/inventory", views.inventory, InventoryBody, query=views.NoQuery),
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
