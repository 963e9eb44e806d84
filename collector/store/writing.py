"""What decisions change, as statements: every row that one transaction writes."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Executable, Table, bindparam, delete, insert

from collector.memory import Changes, CheckKey, Event, EventKind, Silence
from collector.runs import OnDemand, RunState
from collector.store.batch import Batch, Taken
from collector.store.tables import (
    BREAKS,
    CELLS,
    CHECKS,
    CONNECTS,
    EVENTS,
    FACTS,
    INVENTORY,
    INVENTORY_NAME,
    PHASE,
    PHASE_SINCE,
    PROBES,
    REACHED,
    RUN_ANSWERS,
    RUN_ROWS,
    RUNS,
    SHOWN,
    SILENCES,
    STREAMS,
    VERSIONS,
)
from collector.store.upserts import Dialect, upsert

Row = dict[str, Any]
"""Values by column; what each column takes only the database knows."""
Statement = tuple[Executable, list[Row]]
"""What to execute, and every set of values to execute it with."""
Put = Callable[[Table], Executable]
"""Inserts rows, or replaces those that have their keys."""
Key = TypeVar("Key")
Value = TypeVar("Value")

_PATH = re.compile(r"[^:]+:(?P<src>[^>]+)>(?P<dst>[^:]+):(?:tcp|udp)/\d+")
_ABOUT_HOSTS = frozenset({EventKind.VERSION, EventKind.PROBE, EventKind.MAINTENANCE})
_encode = msgspec.json.encode


def statements(batch: Batch, ids: Mapping[CheckKey, int], dialect: Dialect) -> Iterator[Statement]:
    """Make what writes a batch; `ids` has every check that ever was."""
    changes, put = batch.changes, partial(upsert, dialect=dialect)
    every = [
        *_removals(changes, ids),
        *_of_the_estate(changes, put),
        *_of_the_checks(changes, ids, put),
        *_of_the_runs(changes, put),
        (insert(EVENTS), [_event(event) for one in changes for event in one.events]),
        (put(STREAMS), list(_last(batch.taken).values())),
        (
            put(CONNECTS),
            [{"flow": flow, "spread": _encode(one)} for flow, one in batch.connects.items()],
        ),
    ]
    return ((statement, rows) for statement, rows in every if rows)


def _removals(changes: Sequence[Changes], ids: Mapping[CheckKey, int]) -> Iterator[Statement]:
    """Remove what is no more; a decision that removes stands before those that add."""
    versions, breaks = _joined(c.versions for c in changes), _joined(c.breaks for c in changes)
    yield _remove(CELLS), [_old(CELLS, (ids[key],)) for one in changes for key in one.forgotten]
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
    versions, shown = _joined(c.versions for c in changes), _joined(c.shown for c in changes)
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


def _of_the_checks(
    changes: Sequence[Changes], ids: Mapping[CheckKey, int], put: Put
) -> Iterator[Statement]:
    new, cells = _joined(c.check_ids for c in changes), _joined(c.cells for c in changes)
    breaks, probes = _joined(c.breaks for c in changes), _joined(c.probes for c in changes)
    yield insert(CHECKS), [{"id": number, **_check(key)} for key, number in new.items()]
    yield (
        put(CELLS),
        [{"check": ids[key], "cell": _encode(cell)} for key, cell in cells.items()],
    )
    yield (
        put(BREAKS),
        [{**_check(key), "since": since} for key, since in breaks.items() if since],
    )
    yield (
        put(PROBES),
        [{"host": host, "probe": _encode(probe)} for host, probe in probes.items()],
    )


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
        [{"run": run, "rows": zlib.compress(_encode(said))} for run, said in rows.items()],
    )
    yield (
        delete(RUN_ANSWERS).where(RUN_ANSWERS.c.run == bindparam("over")),
        [{"over": name} for name, run in runs.items() if _is_over(run)],
    )


def _is_over(run: OnDemand | None) -> bool:
    return run is None or run.state is not RunState.RUNNING


def _joined(parts: Iterable[Mapping[Key, Value]]) -> dict[Key, Value]:
    """Lay later decisions over earlier ones."""
    joined: dict[Key, Value] = {}
    for part in parts:
        joined.update(part)
    return joined


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


def _last(taken: Iterable[Taken]) -> dict[tuple[str, str], Row]:
    last: dict[tuple[str, str], Row] = {}
    for report in taken:
        known = last.get((report.host, report.stream))
        if known is None or known["seq"] < report.seq:
            last[report.host, report.stream] = report._asdict()
    return last
