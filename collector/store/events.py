"""Asking for events: the newest, what came after one, and which path or host they are about."""

import re
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.memory import Event, EventKind
from collector.store.tables import EVENTS

_WILD = re.compile(r"\*|\?|\[!?\]?[^]]*\]|.", re.DOTALL)
_ESCAPE = "\\"
_PAGE = 500

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class EventQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events to list: what came after an id, oldest first; else the newest first."""

    limit: Annotated[int, Meta(ge=1, le=100_000)] = 100
    after: Id | None = None
    before: Id | None = None
    kind: EventKind | None = None
    path: str | None = None
    """Glob over whole path ids."""
    host: str | None = None
    """A name: events of its paths in both directions, of its version, its probe and its place."""


async def find_events(
    connection: AsyncConnection, query: EventQuery, place: str | None = None
) -> list[Event]:
    """List the events of a query; `place` is that of its host, told of as a whole."""
    statement = _statement(query, place)
    found: list[Event] = []
    async with connection.stream(statement.execution_options(yield_per=_PAGE)) as rows:
        async for row in rows:
            # LIKE knows no character classes, and here and there no case.
            if query.path is None or fnmatchcase(row.subject, query.path):
                found.append(_event(row))
            if len(found) == query.limit:
                break
    return found


def _statement(query: EventQuery, place: str | None) -> Select[Any]:
    statement = select(EVENTS)
    if query.after is not None:
        statement = statement.where(EVENTS.c.id > query.after)
    if query.before is not None:
        statement = statement.where(EVENTS.c.id < query.before)
    if query.kind is not None:
        statement = statement.where(EVENTS.c.kind == query.kind)
    if query.path is not None:
        subject = EVENTS.c.subject.like(like(query.path), escape=_ESCAPE)
        statement = statement.where(EVENTS.c.dst.is_not(None), subject)
    if query.host is not None:
        names = [query.host] if place is None else [query.host, place]
        statement = statement.where(or_(EVENTS.c.src.in_(names), EVENTS.c.dst == query.host))
    oldest_first = query.after is not None
    return statement.order_by(EVENTS.c.id if oldest_first else EVENTS.c.id.desc())


def like(glob: str) -> str:
    """Turn a glob of fnmatch into a pattern of SQL's LIKE that matches at least the same."""
    return "".join(_like(part) for part in _WILD.findall(glob))


def _like(part: str) -> str:
    match part:
        case "*":
            return "%"
        case "?":
            return "_"
        case "%" | "_" | "\\":
            return _ESCAPE + part
        case "[":
            return "["
        case _:
            return "_" if part.startswith("[") else part


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        at=row.at,
        kind=EventKind(row.kind),
        subject=row.subject,
        reason=row.reason,
        before=row.before,
        after=row.after,
        by=row.by,
    )
