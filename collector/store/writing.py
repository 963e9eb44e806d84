"""What decisions change, as statements: every row that one transaction writes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TypeVar

import msgspec
from sqlalchemy import Executable, Table, bindparam, delete, insert

from collector.memory import Changes, CheckKey, Event, EventKind, Shown, Silence
from collector.runs import OnDemand, RunState
from collector.shown import later
from collector.store.batch import Batch, Last, Source, Sources
from collector.store.tables import (
    BREAKS,
    CHECKS,
    CONNECTS,
    CREDENTIALS,
    ENROLMENTS,
    EVENTS,
    FACTS,
    INVENTORY,
    INVENTORY_NAME,
    JOINED,
    PHASE,
    PHASE_SINCE,
    REACHED,
    RUN_ANSWERS,
    RUN_ROWS,
    RUNS,
    SHOWN,
    SILENCES,
    SOURCES,
    UNHEARD,
    VERSIONS,
)
from collector.store.upserts import Dialect, Row, Statement, upsert

Streams = Mapping[str, Mapping[str, Last]]
"""The last report of each spool, by host."""
Put = Callable[[Table], Executable]
"""Inserts rows, or replaces those that have their keys."""
Key = TypeVar("Key")
Value = TypeVar("Value")

_PATH = re.compile(r"[^:]+:(?P<src>[^>]+)>(?P<dst>[^:]+):(?:tcp|udp)/\d+")
_ABOUT_HOSTS = frozenset({EventKind.VERSION, EventKind.PROBE, EventKind.MAINTENANCE})
_NEW_CHECKS, _NEW_EVENTS = insert(CHECKS), insert(EVENTS)
_ANSWERS_OF_A_RUN = delete(RUN_ANSWERS).where(RUN_ANSWERS.c.run == bindparam("over"))
_encode = msgspec.json.encode


def statements(
    batch: Batch, sources: Sources, streams: Streams, dialect: Dialect
) -> Iterator[Statement]:
    """Make what writes a batch; with it, these are its sources and the last of their reports."""
    changes, put = batch.changes, partial(upsert, dialect=dialect)
    every = [
        *_removals(changes),
        *_of_the_estate(changes, put),
        *_of_the_checks(changes, put),
        *_of_the_runs(changes, put),
        *_kept_whole(changes, put),
        (_NEW_EVENTS, [_event(event) for one in changes for event in one.events]),
        (put(SOURCES), [_source(host, one, streams) for host, one in sources.items()]),
        (
            put(CONNECTS),
            [{"flow": flow, "spread": _encode(one)} for flow, one in batch.connects.items()],
        ),
    ]
    return ((statement, rows) for statement, rows in every if rows)


def _removals(changes: Sequence[Changes]) -> Iterator[Statement]:
    """Remove what is no more; a decision that removes stands before those that add."""
    versions, breaks = _joined(c.versions for c in changes), _joined(c.breaks for c in changes)
    yield (
        _remove(VERSIONS),
        [_old(VERSIONS, (host,)) for host, version in versions.items() if version is None],
    )
    silences = _joined(c.silences for c in changes)
    yield (
        _remove(SILENCES),
        [_old(SILENCES, (name,)) for name, one in silences.items() if one is None],
    )
    yield _remove(BREAKS), [_old(BREAKS, key) for key, since in breaks.items() if since is None]


def _of_the_estate(changes: Sequence[Changes], put: Put) -> Iterator[Statement]:
    versions, shown = _joined(c.versions for c in changes), _shown(changes)
    facts = _joined(_facts(one) for one in changes)
    reached = frozenset[tuple[str, str]]().union(*(one.reached for one in changes))
    yield put(FACTS), [{"name": name, "value": value} for name, value in facts.items()]
    yield (
        put(VERSIONS),
        [{"host": host, "version": str(known)} for host, known in versions.items() if known],
    )
    yield (
        put(SHOWN),
        [{"host": host, "new": one.new, "at": one.at} for host, one in shown.items()],
    )
    silences = _joined(c.silences for c in changes)
    yield put(SILENCES), [_silence(name, one) for name, one in silences.items() if one]
    yield put(REACHED), [{"phase": phase, "goal": goal} for phase, goal in sorted(reached)]


def _of_the_checks(changes: Sequence[Changes], put: Put) -> Iterator[Statement]:
    new, breaks = _joined(c.check_ids for c in changes), _joined(c.breaks for c in changes)
    yield _NEW_CHECKS, [{"id": number, **_check(key)} for key, number in new.items()]
    yield (
        put(BREAKS),
        [{**_check(key), "since": since} for key, since in breaks.items() if since],
    )


def _source(host: str, source: Source, streams: Streams) -> Row:
    return {
        "host": host,
        "cells": _encode(source.cells),
        "probe": _encode(source.probe) if source.probe else None,
        "streams": _encode(streams.get(host, {})),
    }


def _of_the_runs(changes: Sequence[Changes], put: Put) -> Iterator[Statement]:
    """Write runs; those that are over keep their rows, and no answers."""
    runs, rows = _joined(c.runs for c in changes), _joined(c.run_rows for c in changes)
    answers = frozenset[tuple[str, int]]().union(*(one.answers for one in changes))
    forgotten = [name for name, run in runs.items() if run is None]
    yield _remove(RUNS), [_old(RUNS, (name,)) for name in forgotten]
    yield _remove(RUN_ROWS), [_old(RUN_ROWS, (name,)) for name in forgotten]
    yield (
        put(RUNS),
        [{"id": name, "run": _encode(run)} for name, run in runs.items() if run],
    )
    yield put(RUN_ANSWERS), [{"run": run, "check": check} for run, check in sorted(answers)]
    yield (
        put(RUN_ROWS),
        [{"run": run, "rows": said} for run, said in rows.items()],
    )
    yield (
        _ANSWERS_OF_A_RUN,
        [{"over": name} for name, run in runs.items() if _is_over(run)],
    )


def _kept_whole(changes: Sequence[Changes], put: Put) -> Iterator[Statement]:
    """Write what has a key and one column of JSON."""
    kept: tuple[tuple[Table, Mapping[str, object]], ...] = (
        (CREDENTIALS, _joined(c.credentials for c in changes)),
        (ENROLMENTS, _joined(c.enrolments for c in changes)),
        (JOINED, _joined(c.joined for c in changes)),
        (UNHEARD, _joined(c.unheard for c in changes)),
    )
    for table, known in kept:
        key, value = (column.name for column in table.columns)
        yield _remove(table), [_old(table, (name,)) for name, one in known.items() if one is None]
        yield (
            put(table),
            [{key: name, value: _encode(one)} for name, one in known.items() if one is not None],
        )


def _is_over(run: OnDemand | None) -> bool:
    return run is None or run.state is not RunState.RUNNING


def _joined(parts: Iterable[Mapping[Key, Value]]) -> dict[Key, Value]:
    """Lay later decisions over earlier ones."""
    joined: dict[Key, Value] = {}
    for part in parts:
        joined.update(part)
    return joined


@cache
def _remove(table: Table) -> Executable:
    keys = (column == bindparam(f"old_{column.name}") for column in table.primary_key)
    return delete(table).where(*keys)


def _old(table: Table, key: tuple[object, ...]) -> Row:
    columns = table.primary_key
    return {f"old_{column.name}": part for column, part in zip(columns, key, strict=True)}


def _check(key: CheckKey) -> Row:
    src, address, proto, port = key
    return {"src": src, "address": address, "proto": proto, "port": port}


def _silence(name: str, silence: Silence) -> Row:
    return {
        "id": name,
        "kind": silence.kind.value,
        "reach": silence.reach.value,
        "glob": silence.glob,
        "reason": silence.reason,
        "begins": silence.begins,
        "until": silence.until,
        "by": silence.by,
    }


def _shown(changes: Sequence[Changes]) -> dict[str, Shown]:
    """Lay later evidence over earlier, in whichever order it came."""
    joined: dict[str, Shown] = {}
    for one in changes:
        joined.update({host: later(seen, joined.get(host)) for host, seen in one.shown.items()})
    return joined


def _facts(changes: Changes) -> dict[str, str]:
    facts: dict[str, str] = {}
    if changes.inventory is not None:
        facts |= {INVENTORY: changes.inventory.text, INVENTORY_NAME: changes.inventory.name}
    if changes.phase is not None:
        facts |= {PHASE: changes.phase.phase, PHASE_SINCE: changes.phase.since.isoformat()}
    return facts


def _event(event: Event) -> Row:
    row = {
        "at": event.at,
        "kind": event.kind.value,
        "subject": event.subject,
        "src": None,
        "dst": None,
        "reason": event.reason,
        "before": event.before,
        "after": event.after,
        "by": event.by,
    }
    path = _PATH.fullmatch(event.subject)
    if path:
        return row | path.groupdict()
    about_a_host = event.kind in _ABOUT_HOSTS
    return row | {"src": event.subject} if about_a_host else row
