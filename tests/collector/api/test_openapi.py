"""The OpenAPI document describes what is served."""

import re
from typing import Any

import pytest

from collector.api.openapi import document
from collector.api.routes import CALLS
from tests.collector.serving import Caller

DOCUMENT = document(CALLS, "1.2.3")
REFERENCE = re.compile(r"'\$ref': '#/components/schemas/([^']+)'")


def operation(method: str, path: str) -> Any:
    return DOCUMENT["paths"][path][method]


async def test_the_document_is_served(caller: Caller) -> None:
    body = (await caller.get("openapi.json")).body

    assert body["openapi"] == "3.1.0"
    assert body["paths"] == DOCUMENT["paths"]


def test_every_reference_leads_somewhere() -> None:
    named = set(REFERENCE.findall(str(DOCUMENT)))

    assert named <= set(DOCUMENT["components"]["schemas"])
    assert "Report" in named


def test_every_call_says_in_one_line_what_it_does() -> None:
    summaries = [one["summary"] for path in DOCUMENT["paths"].values() for one in path.values()]

    assert all(summary.endswith(".") for summary in summaries)


ASKING = {"200", "401", "403", "429", "500"}
"""What any call that needs a right may answer."""
TAKING = {"200", "400", "401", "403", "408", "413", "422", "429", "500", "503"}
"""What any call with a body may answer."""


def test_a_call_says_how_its_caller_may_be_known() -> None:
    assert operation("post", "/api/v1/reports")["security"] == [
        {"token": ["probe"]},
        {"certificate": ["probe"]},
    ]
    assert operation("put", "/api/v1/phase")["security"] == [
        {"token": ["operator"]},
        {"page": ["operator"]},
    ]
    assert operation("post", "/api/v1/enrol")["security"] == []


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]

    assert len(set(names)) == len(names) == len(CALLS)


def test_a_parameter_of_the_address_is_required() -> None:
    [host, wait] = operation("get", "/api/v1/assignments/{host}")["parameters"]

    assert (host["name"], host["in"], host["required"]) == ("host", "path", True)
    assert (wait["name"], wait["in"], wait["required"]) == ("wait", "query", False)
    assert wait["schema"]["maximum"] == 300


def test_a_parameter_of_the_query_has_no_null() -> None:
    [phase] = operation("get", "/api/v1/plan")["parameters"]

    assert phase["schema"] == {"$ref": "#/components/schemas/Phase"}


def test_a_body_is_described() -> None:
    body = operation("post", "/api/v1/reports")["requestBody"]

    assert body["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Report"}}
    }


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        (
            "get",
            "/api/v1/assignments/{host}",
            {"200", "304", "400", "401", "403", "404", "429", "500"},
        ),
        ("post", "/api/v1/reports", TAKING | {"404"}),
        ("put", "/api/v1/phase", TAKING | {"409"}),
        ("get", "/api/v1/events/stream", ASKING | {"400", "503"}),
        ("post", "/api/v1/maintenance", TAKING | {"404"}),
        ("delete", "/api/v1/waivers/{id}", ASKING | {"404", "503"}),
        ("get", "/metrics", ASKING),
        ("get", "/healthz", {"200", "500"}),
    ],
)
def test_every_answer_is_described(method: str, path: str, statuses: set[str]) -> None:
    assert set(operation(method, path)["responses"]) == statuses


def test_a_problem_names_its_kinds() -> None:
    forbidden = operation("post", "/api/v1/reports")["responses"]["403"]

    assert forbidden["description"].endswith("; foreign-path: The path is somebody else's")
    assert list(forbidden["content"]) == ["application/problem+json"]
