import io
from datetime import date

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Observation, Outcome
from flows.phases import Phase
from gatewatch.check_rows import Row
from gatewatch.check_run import Asked, Run, ask, in_order
from gatewatch.check_table import show_judged, show_seen
from gatewatch.estate import Selection
from gatewatch.terminal import console

ESTATE = """
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  pc: {address: 10.0.0.2, roles: [agent]}
  dst: {address: dst.example, roles: []}
extra_flows:
  - {flow: shut, from: pc, to: dst, proto: tcp, port: 90, service: tcp, expect: closed, why: test}
  - {flow: used, from: pc, to: dst, proto: tcp, port: 80, service: tcp, expect: serve, why: test}
  - {flow: hint, from: pc, to: dst, proto: tcp, port: 70, service: tcp, expect: advised, why: test}
waivers: [{path: "used:*", reason: not yet installed, until: 2026-11-30}]
"""
REJECTED = Observation(
    outcome=Outcome.REJECTED, detail="host unreachable", sender="10.9.9.9", icmp=(3, 1)
)
REFUSED = Observation(outcome=Outcome.REFUSED, address="10.0.9.1", seconds=0.0021)


def measured(phase: Phase | None, flows: tuple[str, ...]) -> tuple[Asked, list[Row]]:
    inventory = read_inventory(ESTATE, "estate.yaml")
    plan, host = expand(inventory), inventory.hosts["pc"]
    asked = ask(plan, host, Selection(flows=flows), phase, date(2026, 11, 23))
    run = Run(asked)
    seen = {90: REFUSED, 80: REFUSED, 70: REJECTED}
    rows = {}
    for endpoint in sorted(asked.endpoints):
        rows.update({row.path: row for row in run.take(endpoint, seen[endpoint[2]])})
    return asked, in_order(rows, asked)


def judged(*flows: str) -> list[str]:
    asked, rows = measured(Phase.COMPLETE, flows)
    stream = io.StringIO()
    show_judged(rows, asked.paths, Phase.COMPLETE, console(stream))
    return [" ".join(line.split()) for line in stream.getvalue().splitlines()]


def test_what_was_seen_is_shown_with_who_said_so_and_counted() -> None:
    _, rows = measured(None, ())
    stream = io.StringIO()

    show_seen(rows, console(stream))

    lines = [" ".join(line.split()) for line in stream.getvalue().splitlines()]
    assert lines[2] == "dst tcp/70 hint rejected 0.0 ms host unreachable; from 10.9.9.9"
    assert lines[3] == "dst tcp/90 shut refused 2.1 ms"
    assert lines[-1] == "2 refused, 1 rejected"


def test_a_verdict_is_a_symbol_with_its_reason_and_advice() -> None:
    lines = judged("shut", "used")

    assert lines[2].startswith("✓ dst tcp/90 shut closed refused 10.0.9.1 refused the connection;")
    assert lines[3] == "w dst tcp/80 used serve refused 10.0.9.1 refused the connection"
    assert lines[4:] == [
        "shut:pc>dst:tcp/90: the rule still lets it through; only the missing listener refuses",
        "used:pc>dst:tcp/80: waived until 2026-11-30: not yet installed",
        "complete: 1 ok, 1 waived",
    ]


def test_what_only_advises_is_shown_and_not_counted() -> None:
    lines = judged("hint")

    assert lines[2].startswith("✗ dst tcp/70 hint advised rejected")
    assert lines[-1] == "complete: nothing binds this host"


def test_a_control_has_no_expectation() -> None:
    lines = judged("shut")

    assert lines[3].startswith("· dst tcp/80 control - refused")
