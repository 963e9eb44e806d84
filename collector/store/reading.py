"""From rows back to what the estate remembers."""

from collections.abc import AsyncIterator
from datetime import datetime
from sys import intern
from typing import Any

import msgspec
from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from collector.connect_times import Spread
from collector.credentials import Credential, Enrolment, Joined
from collector.memory import (
    CheckKey,
    Goal,
    Memory,
    ProbeSeen,
    Reach,
    Shown,
    Silence,
    SilencedBy,
    Unheard,
)
from collector.observing import shared
from collector.runs import OnDemand
from collector.store.batch import Last
from collector.store.tables import (
    BREAKS,
    CHECKS,
    CONNECTS,
    CREDENTIALS,
    ENROLMENTS,
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
from flows.cells import Cell
from flows.hosts import Version
from flows.phases import Phase

Read = Row[Any]
"""What a row holds its table says."""

_cells = msgspec.json.Decoder(dict[int, Cell]).decode
_streams = msgspec.json.Decoder(dict[str, Last]).decode
_run = msgspec.json.Decoder(OnDemand).decode
_credential = msgspec.json.Decoder(Credential).decode
_enrolment = msgspec.json.Decoder(Enrolment).decode
_joined = msgspec.json.Decoder(Joined).decode
_spread = msgspec.json.Decoder(Spread).decode
_unheard = msgspec.json.Decoder(Unheard).decode
_probe = msgspec.json.Decoder(ProbeSeen).decode


async def read_memory(connection: AsyncConnection) -> Memory | None:
    """Read all that survives a restart; None from a store that holds no inventory yet.

    Raises ValueError for rows that do not mean anything.
    """
    facts = {row.name: row.value async for row in _rows(connection, FACTS)}
    if INVENTORY not in facts:
        return None
    check_ids = {_key(row): row.id async for row in _rows(connection, CHECKS)}
    keys = {number: key for key, number in check_ids.items()}
    cells: dict[CheckKey, Cell] = {}
    probes: dict[str, ProbeSeen] = {}
    async for row in _rows(connection, SOURCES):
        found = _cells(row.cells).items()
        cells.update((keys[number], shared(cell)) for number, cell in found)
        if row.probe is not None:
            probes[row.host] = _probe(row.probe)
    versions = {row.host: Version(row.version) async for row in _rows(connection, VERSIONS)}
    shown = {row.host: Shown(new=row.new, at=row.at) async for row in _rows(connection, SHOWN)}
    reached: set[Goal] = {(Phase(row.phase), row.goal) async for row in _rows(connection, REACHED)}
    return Memory(
        inventory_text=facts[INVENTORY],
        inventory_name=facts[INVENTORY_NAME],
        phase=Phase(facts[PHASE]),
        phase_since=datetime.fromisoformat(facts[PHASE_SINCE]),
        versions=versions,
        shown=shown,
        cells=cells,
        check_ids=check_ids,
        reached=frozenset(reached),
        probes=probes,
        unheard={row.host: _unheard(row.unheard) async for row in _rows(connection, UNHEARD)},
        breaks={_key(row): row.since async for row in _rows(connection, BREAKS)},
        silences={row.id: _silence(row) async for row in _rows(connection, SILENCES)},
        runs={row.id: _run(row.run) async for row in _rows(connection, RUNS)},
        answers=frozenset({(row.run, row.check) async for row in _rows(connection, RUN_ANSWERS)}),
        credentials={
            row.id: _credential(row.credential) async for row in _rows(connection, CREDENTIALS)
        },
        enrolments={
            row.id: _enrolment(row.enrolment) async for row in _rows(connection, ENROLMENTS)
        },
        joined={row.host: _joined(row.joined) async for row in _rows(connection, JOINED)},
        connects={row.flow: _spread(row.spread) async for row in _rows(connection, CONNECTS)},
    )


async def read_streams(connection: AsyncConnection) -> dict[str, dict[str, Last]]:
    """Read by host which report of each spool was the last that was taken."""
    return {row.host: _streams(row.streams) async for row in _rows(connection, SOURCES)}


async def read_run_rows(connection: AsyncConnection, run: str) -> bytes | None:
    """Read what a run that is over said of its paths, packed; None for one that is not known."""
    rows: bytes | None = await connection.scalar(
        select(RUN_ROWS.c.rows).where(RUN_ROWS.c.run == run)
    )
    return rows


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[Read]:
    async with connection.stream(select(table)) as rows:
        async for row in rows:
            yield row


def _key(row: Read) -> CheckKey:
    """Name a check by the very words of all others, of which there may be hundreds of thousands."""
    return intern(row.src), intern(row.address), intern(row.proto), row.port


def _silence(row: Read) -> Silence:
    return Silence(
        kind=SilencedBy(row.kind),
        reach=Reach(row.reach),
        glob=row.glob,
        reason=row.reason,
        begins=row.begins,
        until=row.until,
        by=row.by,
    )
