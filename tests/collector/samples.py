"""A small estate, and words to tell it what its probes saw."""

from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from collector.answers import is_latched
from collector.assignments import check_key
from collector.estate import Estate
from collector.matrix import matrix_rolled_up
from collector.memory import Changes, Memory
from collector.rows import host_rows
from collector.state import State
from collector.timing import Timing
from collector.views import AgentCell, HostRow, MatrixRow
from collector.wanted import ALL, EVERY_HOST, Wanted
from flows.gates import Rules
from flows.messages import Facts, ProbeState, Report, Result
from flows.outcomes import AnsweredBy, Observation, Outcome
from flows.phases import Phase
from flows.plan import Plan

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

INVENTORY = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  be-01: {address: 10.1.0.11, roles: [backend, agent-handler], site: dc1}
  be-02: {address: be-02.acme.example, roles: [backend], site: dc1}
  ah-02: {address: 10.1.0.12, roles: [agent-handler], site: dc1}
  con-01: {address: 10.2.0.5, roles: [console], site: office}
  con-02: {address: 10.2.0.6, roles: [console], site: office}
  sql-01: {address: 10.1.0.20, roles: [sql-server], sql: {port: 1433, instance: SES}}
  log-01: {address: 10.1.0.30, roles: [syslog-server]}
  watch: {address: 10.1.0.40, roles: [collector]}
  pc-001: {address: 10.9.0.1, roles: [agent], site: office}
  pc-002: {address: 10.9.0.2, roles: [agent], site: office}
  pc-003: {address: 10.9.1.3, roles: [agent], site: home}
handler_groups:
  hq:
    handlers: [be-01, ah-02]
    agents: [pc-001, pc-002, pc-003]
    syslog:
      - {server: log-01, protocol: tcp}
      - {server: log-01, protocol: udp}
      - {server: log-01, protocol: tls}
waivers:
  - {path: "sql-dac:*", reason: "remote DAC is off by policy", until: 2026-11-30}
"""

HTTPS = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS)
GRPC = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.GRPC)
MSRPC = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.MSRPC)
TDS = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.TDS)
CONNECTED = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.NONE)
REFUSED = Observation(outcome=Outcome.REFUSED)
REJECTED = Observation(outcome=Outcome.REJECTED, icmp=(3, 13), sender="10.2.255.1")
FILTERED = Observation(outcome=Outcome.FILTERED)
SILENT = Observation(outcome=Outcome.SILENT)
UNREACHABLE = Observation(outcome=Outcome.UNREACHABLE)
DENIED = Observation(outcome=Outcome.DENIED)
FAULT = Observation(outcome=Outcome.FAULT, detail="out of sockets")

CONSOLE = "console-backend:con-01>be-02:tcp/443"
"""A console and a separate backend: `serve` in every phase."""
CONSOLE_OLD = "console-backend:con-01>be-01:tcp/443"
"""A console and a backend on a handler's machine, by its port before the upgrade."""
CONSOLE_NEW = "console-backend:con-01>be-01:tcp/8443"
"""The same by its port after the upgrade: a goal of `prepare`."""
HANDLER = "agent:pc-001>ah-02:tcp/443"
"""A new agent and a handler: a goal of `prepare`."""
HANDLER_OLD = "agent-legacy:pc-001>ah-02:tcp/17000"
WATCHED = "gatewatch:con-01>watch:tcp/8642"
SYSLOG = "syslog-tcp:ah-02>log-01:tcp/1468"
SYSLOG_UDP = "syslog-udp:ah-02>log-01:udp/514"


def at(seconds: float) -> datetime:
    """Name a moment by its distance from NOW."""
    return NOW + timedelta(seconds=seconds)


def remembered(text: str = INVENTORY, phase: Phase = Phase.BASELINE, **more: object) -> Memory:
    """Remember an inventory and a phase, and what else there is."""
    memory = Memory(
        inventory_text=text, inventory_name="inventory.yaml", phase=phase, phase_since=NOW
    )
    return msgspec.structs.replace(memory, **more)


def started(
    text: str = INVENTORY,
    phase: Phase = Phase.BASELINE,
    timing: Timing | None = None,
    rules: Rules | None = None,
    **more: object,
) -> Estate:
    """Build an estate and let it start."""
    memory = remembered(text, phase, **more)
    estate = Estate(memory, timing or Timing(), rules or Rules(), NOW)
    estate.apply(estate.decide_start(NOW))
    return estate


def state_of(text: str = INVENTORY, phase: Phase = Phase.BASELINE, **more: object) -> State:
    """Build the state of an estate alone."""
    return State(remembered(text, phase, **more), Timing(), NOW)


def report_of(
    estate: Estate,
    host: str,
    seen: Mapping[str, Observation],
    moment: datetime,
    *,
    sent: datetime | None = None,
    version: str = "0.1.0",
    facts: Facts | None = None,
) -> Report:
    """Write the report of a host that saw these paths."""
    return Report(
        host=host,
        stream="6f1d",
        seq=1,
        sent=sent or moment,
        probe=ProbeState(version=version),
        results=tuple(
            result_of(id_of(estate, path), observation, moment)
            for path, observation in seen.items()
        ),
        facts=facts or Facts(),
    )


def result_of(check: int, observation: Observation, moment: datetime) -> Result:
    """Write one result."""
    parts = {name: getattr(observation, name) for name in Observation.__struct_fields__}
    return Result(check=check, at=moment, **parts)


def id_of(estate: Estate, path: str) -> int:
    """Look up the id of the check that measures a path."""
    return estate.memory.check_ids[check_key(estate.plan.paths[path])]


def tell(
    estate: Estate,
    seen: Mapping[str, Observation],
    seconds: float = 0,
    *,
    now: datetime | None = None,
) -> list[Changes]:
    """Let every source of these paths report them, and take the reports."""
    by_host: dict[str, dict[str, Observation]] = {}
    for path, observation in seen.items():
        by_host.setdefault(estate.plan.paths[path].src, {})[path] = observation
    taken: list[Changes] = []
    for host, paths in by_host.items():
        report = report_of(estate, host, paths, at(seconds), sent=now)
        taken.append(estate.decide_report(report, now or at(seconds)))
        estate.apply(taken[-1])
    return taken


def turn(estate: Estate, seen: Mapping[str, Observation], seconds: float = 0) -> list[Changes]:
    """Let the sources report the same twice, five seconds apart, so that it is confirmed."""
    tell(estate, seen, seconds)
    return tell(estate, seen, seconds + 5)


def row_of(estate: Estate, path: str, seconds: float = 0, phase: Phase | None = None) -> MatrixRow:
    """Find the row of a path in the matrix."""
    return next(row for row in estate.matrix(phase, at(seconds)) if row.path == path)


def told_to_alerts(estate: Estate, path: str, moment: datetime, phase: Phase | None = None) -> bool:
    """Tell whether alerts hear that a path is broken."""
    opinions = estate.judged.opinions(moment)[path]
    where = estate.plan.paths[path]
    return is_latched(estate.state, where, opinions, phase or estate.phase, moment)


def in_plan(plan: Plan, **ends: str) -> list[str]:
    """List the ids of the paths with these ends."""
    return [
        path.id
        for path in plan
        if all(getattr(path, name) == value for name, value in ends.items())
    ]


def reporting(estate: Estate, *results: tuple[int, Observation, datetime]) -> Report:
    """Write a report of con-01 with results of these checks."""
    report = report_of(estate, "con-01", {}, at(0))
    return msgspec.structs.replace(report, results=tuple(result_of(*result) for result in results))


def at_once(steps: Generator[object, None, T]) -> T:
    """Do work without a break, and give what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            value: T = done.value
            return value


def rolled_up(
    estate: Estate, phase: Phase, seconds: float, wanted: Wanted = ALL
) -> tuple[list[MatrixRow], list[AgentCell]]:
    """Make the matrix of a phase with its agents counted."""
    moment = at(seconds)
    verdicts = estate.verdicts(phase, moment)
    return at_once(matrix_rolled_up(estate.state, verdicts, phase, moment, wanted))


def hosts_of(estate: Estate, seconds: float) -> list[HostRow]:
    """List the machines of an estate as they are so long after NOW."""
    hosts = EVERY_HOST.hosts(estate.state.inventory)
    return list(host_rows(estate.state, hosts, at(seconds)))
