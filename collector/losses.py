"""When logs are lost: syslog paths that are broken (DESIGN 3).

A handler keeps at most 24 h of logs while its TCP or TLS syslog server is away; what goes over UDP
is lost at once. The break itself is remembered, since how it shows may change while it lasts.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from collector.assignments import check_key
from collector.judge import Evidence, Judge
from collector.memory import CheckKey
from collector.source import Source
from flows.cells import Cell
from flows.outcomes import Outcome
from flows.phases import Expectation, Phase
from flows.plan import Path
from flows.verdicts import Verdict

KEPT = {
    "syslog-tcp": timedelta(hours=24),
    "syslog-tls": timedelta(hours=24),
    "syslog-udp": timedelta(0),
}
"""How long a handler keeps what it could not send, by flow."""


def breaks(
    cells: Mapping[CheckKey, Cell],
    known: Mapping[CheckKey, datetime],
    source: Source,
    judge: Judge,
) -> Iterator[tuple[CheckKey, datetime | None]]:
    """Walk what begins or ends to be broken with these cells; None ends it."""
    for key, cell in cells.items():
        for path in source.assignments.paths[key]:
            if path.flow in KEPT and cell.confirmed.outcome is not Outcome.FAULT:
                evidence = Evidence(source, cell.confirmed)
                broken = judge.as_serving(path, evidence).verdict is Verdict.BROKEN
                if broken != (key in known):
                    yield key, cell.since if broken else None
                break


def loss_at(path: Path, known: Mapping[CheckKey, datetime], phase: Phase) -> datetime | None:
    """Tell when a path starts to lose logs, or did; None while it is ok or not in use."""
    broken = known.get(check_key(path))
    if broken is None or path.flow not in KEPT or path.expect.get(phase) is not Expectation.SERVE:
        return None
    return broken + KEPT[path.flow]
