"""Every call of the API in one table: its address, its handler, and what goes in and out."""

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from collector.api import (
    assignments,
    credentials,
    enrolments,
    health,
    metrics,
    orders,
    problems,
    reports,
    run_stream,
    runs,
    sessions,
    silences,
    stream,
    views,
)
from collector.api.answering import answer
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
)
from collector.api.credential_bodies import (
    CredentialBody,
    CredentialOrder,
    EnrolmentBody,
    EnrolmentOrder,
    GivenBody,
    InvitedBody,
    RemovedBody,
    SessionBody,
    SignInOrder,
)
from collector.api.identity import NEEDS
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
from collector.credentials import Right
from collector.memory import Event
from collector.store.events import EventQuery
from collector.views import HostRow, ProbeCounts
from flows.messages import Accepted, Assignment, Enrol, Enrolled, Report
from flows.plan import Path

V1 = "/api/v1"
PROBE, VIEWER, OPERATOR, SCRAPER = Right.PROBE, Right.VIEWER, Right.OPERATOR, Right.SCRAPER
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
    yield Call("GET", f"{V1}/{name}", every, list[body], VIEWER, query=NoQuery)  # type: ignore[valid-type] # given at run time
    yield Call(
        "POST",
        f"{V1}/{name}",
        give,
        body,
        OPERATOR,
        body=order,
        problems=(unknown, problems.BAD_TIME, *_STORED),
    )
    yield Call(
        "DELETE",
        f"{V1}/{name}/{{id}}",
        take_back,
        body,
        OPERATOR,
        problems=(problems.UNKNOWN_ID, *_STORED),
    )


CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{V1}/assignments/{{host}}",
        assignments.assignment,
        Assignment,
        PROBE,
        query=assignments.AssignmentQuery,
        problems=(*_OF_A_PROBE, problems.TOO_MANY_POLLS),
        may_be_unchanged=True,
    ),
    Call(
        "POST",
        f"{V1}/reports",
        reports.take_report,
        Accepted,
        PROBE,
        body=Report,
        problems=(problems.FOREIGN_PATH, *_OF_A_PROBE, problems.TOO_MANY_RESULTS, *_STORED),
    ),
    Call("GET", f"{V1}/matrix", views.matrix, MatrixBody, VIEWER, query=views.MatrixQuery),
    Call(
        "GET",
        f"{V1}/path",
        views.path,
        PathBody,
        VIEWER,
        query=views.PathQuery,
        problems=(problems.UNKNOWN_PATH,),
    ),
    Call("GET", f"{V1}/plan", views.plan, list[Path], VIEWER, query=views.PhaseQuery),
    Call("GET", f"{V1}/hosts", views.hosts, list[HostRow], VIEWER, query=views.HostsQuery),
    Call("GET", f"{V1}/probes", views.probes, ProbeCounts, VIEWER, query=NoQuery),
    Call(
        "PATCH",
        f"{V1}/hosts",
        orders.set_versions,
        VersionsBody,
        OPERATOR,
        body=VersionOrder,
        problems=(problems.UNKNOWN_HOST, *_STORED),
    ),
    Call(
        "GET", f"{V1}/events", views.events, list[Event], VIEWER, query=EventQuery, problems=_STORED
    ),
    Call(
        "GET",
        f"{V1}/events/stream",
        stream.stream,
        stream.EVENT_STREAM,
        VIEWER,
        query=stream.StreamQuery,
        problems=(problems.TOO_MANY_STREAMS, *_STORED),
    ),
    Call("GET", f"{V1}/gates", views.gates, list[GateSummary], VIEWER, query=views.GateQuery),
    Call(
        "GET",
        f"{V1}/gates/{{phase}}",
        views.gate,
        GateBody,
        VIEWER,
        query=views.OneGateQuery,
        problems=(problems.UNKNOWN_PHASE, problems.NOTHING_TO_JUDGE),
    ),
    Call("GET", f"{V1}/phase", views.phase, PhaseBody, VIEWER, query=NoQuery),
    Call(
        "PUT",
        f"{V1}/phase",
        orders.set_phase,
        PhaseBody,
        OPERATOR,
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
    Call("GET", f"{V1}/runs", runs.runs, list[RunBody], VIEWER, query=NoQuery),
    Call(
        "POST",
        f"{V1}/runs",
        runs.begin_run,
        RunBody,
        OPERATOR,
        body=RunOrder,
        problems=(problems.UNKNOWN_PATH, problems.TOO_MANY_RUNS, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/runs/{{id}}",
        runs.run,
        RunDetail,
        VIEWER,
        query=NoQuery,
        problems=(problems.UNKNOWN_ID, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/runs/{{id}}/events",
        run_stream.run_events,
        stream.EVENT_STREAM,
        VIEWER,
        query=NoQuery,
        problems=(problems.UNKNOWN_ID, problems.TOO_MANY_STREAMS),
    ),
    Call(
        "DELETE",
        f"{V1}/runs/{{id}}",
        runs.cancel_run,
        RunBody,
        OPERATOR,
        problems=(problems.UNKNOWN_ID, *_STORED),
    ),
    Call("GET", f"{V1}/inventory", views.inventory, InventoryBody, VIEWER, query=NoQuery),
    Call(
        "PUT",
        f"{V1}/inventory",
        orders.set_inventory,
        AppliedBody,
        OPERATOR,
        body=InventoryOrder,
        problems=(problems.REFUSED_INVENTORY, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/credentials",
        credentials.credentials,
        list[CredentialBody],
        OPERATOR,
        query=NoQuery,
    ),
    Call(
        "POST",
        f"{V1}/credentials",
        credentials.give,
        GivenBody,
        OPERATOR,
        body=CredentialOrder,
        problems=(problems.TAKEN, problems.BAD_TIME, *_STORED),
    ),
    Call(
        "DELETE",
        f"{V1}/credentials/{{id}}",
        credentials.revoke,
        list[CredentialBody],
        OPERATOR,
        problems=(problems.UNKNOWN_ID, *_STORED),
    ),
    Call(
        "GET",
        f"{V1}/enrolments",
        enrolments.enrolments,
        list[EnrolmentBody],
        OPERATOR,
        query=NoQuery,
    ),
    Call(
        "POST",
        f"{V1}/enrolments",
        enrolments.invite,
        InvitedBody,
        OPERATOR,
        body=EnrolmentOrder,
        problems=(
            problems.UNKNOWN_HOST,
            problems.UNKNOWN_GROUP,
            problems.BAD_TIME,
            *_STORED,
        ),
    ),
    Call(
        "POST",
        f"{V1}/enrol",
        enrolments.exchange,
        Enrolled,
        None,
        body=Enrol,
        problems=(problems.NOT_LET_IN, problems.TOO_MANY_CALLS, *_STORED),
    ),
    Call(
        "DELETE",
        f"{V1}/hosts/{{host}}",
        enrolments.remove,
        RemovedBody,
        OPERATOR,
        problems=(problems.UNKNOWN_HOST, *_STORED),
    ),
    Call("GET", f"{V1}/session", sessions.session, SessionBody, None, query=NoQuery),
    Call(
        "POST",
        f"{V1}/session",
        sessions.sign_in,
        SessionBody,
        None,
        body=SignInOrder,
        problems=(
            problems.NOT_KNOWN,
            problems.NO_RIGHT,
            problems.FORGED,
            problems.TOO_MANY_CALLS,
            *_STORED,
        ),
    ),
    Call(
        "DELETE",
        f"{V1}/session",
        sessions.sign_out,
        SessionBody,
        None,
        problems=(problems.FORGED, *_STORED),
    ),
    Call("GET", f"{V1}/openapi.json", openapi, dict[str, Any], None),
    Call("GET", "/healthz", health.healthz, health.Status, None),
    Call("GET", "/readyz", health.readyz, health.Status, None, problems=_STORED),
    Call("GET", "/metrics", metrics.of_everything, _TEXT, SCRAPER),
    Call("GET", "/metrics/self", metrics.of_this_process, _TEXT, SCRAPER),
    Call("GET", "/metrics/estate", metrics.of_the_estate, _TEXT, SCRAPER),
)

_DOCUMENT = web.AppKey("openapi", dict[str, Any])


def add_routes(app: web.Application, version: str) -> None:
    """Serve every call."""
    for call in CALLS:
        if call.method == "GET":
            app.router.add_get(call.path, call.handler)
        else:
            app.router.add_route(call.method, call.path, call.handler)
    app[NEEDS] = {call.handler: call.needs for call in CALLS}
    app[_DOCUMENT] = document(CALLS, version)
