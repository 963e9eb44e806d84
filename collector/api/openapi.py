"""The OpenAPI document, built from the table of calls and the types that they speak."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp.typedefs import Handler

from collector.api.answering import JSON
from collector.api.identity import COOKIE
from collector.api.problems import (
    BAD_QUERY,
    CONTENT_TYPE,
    FORGED,
    INTERNAL,
    NO_RIGHT,
    NOT_JSON,
    NOT_KNOWN,
    TOO_LARGE,
    TOO_MANY_CALLS,
    TOO_SLOW,
    UNREADABLE,
    WRONG_SHAPE,
    Kind,
)
from collector.credentials import Right
from flows.messages import ProblemDocument

Schema = dict[str, Any]
"""A part of the document, as JSON will have it."""

_TEMPLATE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_SCHEMES: Schema = {
    "token": {"type": "http", "scheme": "bearer"},
    "page": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "certificate": {"type": "mutualTLS"},
}
_OF_PEOPLE = frozenset({Right.VIEWER, Right.OPERATOR, Right.SCRAPER})
_WITH_BODY = (UNREADABLE, NOT_JSON, TOO_SLOW, TOO_LARGE, WRONG_SHAPE)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API."""

    method: str
    path: str
    handler: Handler
    answer: Any
    """Type of the body that it answers with, or a media type that is not JSON."""
    needs: Right | None
    """What its caller must be allowed to do; None: anybody may call."""
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    problems: tuple[Kind, ...] = ()
    """Those of its own."""
    may_be_unchanged: bool = False
    """It answers 304 to who has it already."""

    @property
    def types(self) -> list[Any]:
        """What it speaks."""
        spoken = (self.answer, self.query, self.body)
        return [one for one in spoken if one is not None and not isinstance(one, str)]


class _Types:
    """Schemas of types; those with a name refer to each other by it."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._types = [ProblemDocument, *(one for call in calls for one in call.types)]
        schemas, self.named = msgspec.json.schema_components(self._types, ref_template=_TEMPLATE)
        self._schemas = list(schemas)

    def of(self, wanted: object) -> Schema:
        """Look up the schema of a type."""
        return self._schemas[self._types.index(wanted)]

    def properties(self, struct: type[msgspec.Struct]) -> tuple[Schema, Sequence[str]]:
        """List the fields of a struct with their schemas, and which of them must be there."""
        schema = self.named[struct.__name__]
        return schema["properties"], schema["required"]


def document(calls: Sequence[Call], version: str) -> Schema:
    """Describe all calls."""
    types = _Types(calls)
    paths: dict[str, Schema] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, types)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gatewatch collector",
            "version": version,
            "summary": "Is every network path of a migration open, or closed, now?",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": types.named, "securitySchemes": _SCHEMES},
    }


def _operation(call: Call, types: _Types) -> Schema:
    module = call.handler.__module__.rpartition(".")[2]
    operation: Schema = {
        "operationId": f"{module}.{call.handler.__name__}",
        "summary": (call.handler.__doc__ or "").partition("\n")[0],
        "parameters": [*_in_path(call), *_in_query(call, types)],
        "responses": _responses(call, types),
        "security": _security(call),
    }
    if call.body is not None:
        content = {JSON: {"schema": types.of(call.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _security(call: Call) -> list[Schema]:
    """List how its caller may be known; any one will do."""
    if call.needs is None:
        return []
    by = ("token", "page") if call.needs in _OF_PEOPLE else ("token", "certificate")
    return [{scheme: [call.needs.value]} for scheme in by]


def _in_path(call: Call) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(call.path)
    ]


def _in_query(call: Call, types: _Types) -> list[Schema]:
    if call.query is None:
        return []
    properties, required = types.properties(call.query)
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _given(schema)}
        for name, schema in properties.items()
    ]


def _given(schema: Schema) -> Schema:
    """Describe a parameter that is there: a query has no null."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


def _responses(call: Call, types: _Types) -> Schema:
    answers: Schema = {"200": {"description": "Done", "content": _content(call, types)}}
    if call.may_be_unchanged:
        answers["304"] = {"description": "The revision of If-None-Match is in force"}
    by_status: dict[int, list[Kind]] = {}
    for kind in (
        *((BAD_QUERY,) if call.query else ()),
        *(_WITH_BODY if call.body else ()),
        *((NOT_KNOWN, NO_RIGHT, FORGED, TOO_MANY_CALLS) if call.needs else ()),
        *call.problems,
        INTERNAL,
    ):
        by_status.setdefault(kind.status, []).append(kind)
    problem = {CONTENT_TYPE: {"schema": types.of(ProblemDocument)}}
    for status, kinds in sorted(by_status.items()):
        words = "; ".join(f"{kind.slug}: {kind.title}" for kind in kinds)
        answers[str(status)] = {"description": words, "content": problem}
    return answers


def _content(call: Call, types: _Types) -> Schema:
    if isinstance(call.answer, str):
        return {call.answer: {"schema": {"type": "string"}}}
    return {JSON: {"schema": types.of(call.answer)}}
