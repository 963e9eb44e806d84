from datetime import date

import pytest

from flows.errors import UsageError
from flows.expansion import expand
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.outcomes import AnsweredBy, Observation, Outcome
from flows.phases import Phase
from gatewatch.check_rows import Row
from gatewatch.check_run import Asked, Run, ask, in_order, source_of, waiver_of
from gatewatch.estate import Selection
from gatewatch.exit_codes import ExitCode

TODAY = date(2026, 11, 23)
EVERYTHING = Selection()
ESTATE = """
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  con-01: {address: 10.0.0.1, roles: [console, backend], backends: []}
  pc-001: {address: 10.0.0.2, roles: [agent]}
  dst-1:  {address: 10.0.9.1, roles: []}
  dst-2:  {address: 10.0.9.2, roles: []}
  vip:    {address: 10.0.9.3, roles: [backend], virtual: true}
  nobody: {address: 10.0.9.4, roles: []}
  update: {address: 10.0.9.5, roles: [policy-update-server]}
extra_flows:
  - {flow: served, from: pc-001, to: dst-1, proto: tcp, port: 80, service: tcp, why: test,
     expect: serve}
  - {flow: shut, from: pc-001, to: dst-1, proto: tcp, port: 90, service: tcp, why: test,
     expect: closed}
  - {flow: hint, from: pc-001, to: dst-2, proto: tcp, port: 80, service: tcp, why: test,
     expect: advised}
  - {flow: logs, from: pc-001, to: dst-2, proto: udp, port: 514, service: syslog, why: test,
     expect: {prepare: serve}}
waivers:
  - {path: "served:*", reason: "not yet installed", until: 2026-11-30}
"""
SERVED, SHUT = ("10.0.9.1", "tcp", 80), ("10.0.9.1", "tcp", 90)
HINT, LOGS = ("10.0.9.2", "tcp", 80), ("10.0.9.2", "udp", 514)
OPEN = Observation(outcome=Outcome.OPEN, address="10.0.9.1", answered_by=AnsweredBy.NONE)
FILTERED = Observation(outcome=Outcome.FILTERED, address="10.0.9.1")
SILENT = Observation(outcome=Outcome.SILENT, address="10.0.9.2")
FAULT = Observation(outcome=Outcome.FAULT)


def estate(without_waivers: bool = False) -> Inventory:
    text = ESTATE.partition("waivers:")[0] if without_waivers else ESTATE
    return read_inventory(text, "estate.yaml")


def asked_for(
    phase: Phase | None, flows: tuple[str, ...] = ("served", "shut", "hint", "logs"), **how: bool
) -> Asked:
    inventory = estate(**how)
    host = inventory.hosts["pc-001"]
    return ask(expand(inventory), host, Selection(flows=flows), phase, TODAY)


def rows_of(run: Run, **seen: Observation) -> dict[str, Row]:
    endpoints = {"served": SERVED, "shut": SHUT, "hint": HINT, "logs": LOGS}
    rows = [row for flow, one in seen.items() for row in run.take(endpoints[flow], one)]
    return {row.flow: row for row in rows}


def test_an_unknown_host_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r"^the inventory has no host 'con-1' \(did you mean"):
        source_of(estate(), "con-1")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("vip", "host 'vip' is a virtual address; no path begins there"),
        ("nobody", "host 'nobody' is no source: it has no role; no path begins there"),
        (
            "update",
            "host 'update' is no source: its roles are policy-update-server; no path begins there",
        ),
    ],
)
def test_a_host_without_a_probe_is_no_source(name: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        source_of(estate(), name)

    assert str(refused.value) == why


def test_nothing_to_measure_is_wrong_usage() -> None:
    inventory = estate()
    console = inventory.hosts["con-01"]

    with pytest.raises(UsageError, match="has no path of con-01 in prepare that matches"):
        ask(expand(inventory), console, Selection(flows=("x",)), Phase.PREPARE, TODAY)


def test_one_endpoint_is_asked_for_once_and_only_this_hosts() -> None:
    inventory = estate()

    asked = ask(expand(inventory), inventory.hosts["pc-001"], EVERYTHING, None, TODAY)

    assert asked.endpoints == {SERVED, SHUT, HINT, LOGS}
    assert {path.src for path in asked.paths} == {"pc-001"}


def test_without_a_phase_every_row_is_complete_as_it_comes() -> None:
    run = Run(asked_for(None))

    assert list(rows_of(run, shut=FILTERED)) == ["shut"]
    assert list(rows_of(run, served=OPEN)) == ["served"]


def test_with_a_phase_the_rows_of_a_destination_come_together() -> None:
    run = Run(asked_for(Phase.PREPARE))

    assert rows_of(run, shut=FILTERED) == {}
    assert list(rows_of(run, served=OPEN)) == ["served", "shut"]


def test_another_port_of_the_run_is_the_control_of_a_closed_one() -> None:
    living = rows_of(Run(asked_for(Phase.PREPARE)), shut=FILTERED, served=OPEN)
    dead = rows_of(Run(asked_for(Phase.PREPARE)), shut=FILTERED, served=FILTERED)

    assert (living["shut"].verdict, dead["shut"].verdict) == ("ok", "unproven")
    assert living["shut"].reason is not None
    assert "another port of it answered" in str(living["shut"].reason)


def test_a_control_is_added_for_a_closed_port_that_stands_alone() -> None:
    asked = asked_for(Phase.PREPARE, flows=("shut",))

    rows = rows_of(run := Run(asked), shut=FILTERED, served=OPEN)

    assert [path.id for path in asked.paths] == [
        "shut:pc-001>dst-1:tcp/90",
        "control:pc-001>dst-1:tcp/80",
    ]
    assert (rows["shut"].verdict, rows["control"].control) == ("ok", True)
    assert run.exit_code is ExitCode.OK


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"served": OPEN, "shut": FILTERED}, ExitCode.OK),
        ({"served": OPEN, "shut": OPEN}, ExitCode.BROKEN),
        ({"served": FAULT, "shut": FILTERED}, ExitCode.UNPROVEN),
        ({"served": FAULT, "shut": OPEN}, ExitCode.BROKEN),
        ({"hint": FILTERED, "logs": SILENT}, ExitCode.OK),
    ],
    ids=["ok", "broken", "unproven", "broken and unproven", "advised and unverifiable"],
)
def test_the_exit_code_of_a_phase_is_that_of_the_worst_binding_path(
    seen: dict[str, Observation], code: ExitCode
) -> None:
    run = Run(asked_for(Phase.PREPARE, without_waivers=True))

    rows_of(run, **seen)

    assert run.exit_code is code


def test_what_is_waived_does_not_count() -> None:
    run = Run(asked_for(Phase.PREPARE))

    rows = rows_of(run, served=FILTERED, shut=Observation(outcome=Outcome.REFUSED))

    assert run.exit_code is ExitCode.OK
    assert rows["served"].verdict == "waived"
    assert rows["served"].advice == ("waived until 2026-11-30: not yet installed",)


def test_what_is_ok_needs_no_waiver() -> None:
    rows = rows_of(Run(asked_for(Phase.PREPARE)), served=OPEN, shut=FILTERED)

    assert (rows["served"].verdict, rows["served"].advice) == ("ok", ())


@pytest.mark.parametrize(("seen", "code"), [(FILTERED, 0), (FAULT, 2)])
def test_without_a_phase_only_a_fault_counts(seen: Observation, code: int) -> None:
    run = Run(asked_for(None))

    rows_of(run, shut=seen)

    assert run.exit_code == code


def test_a_waiver_holds_until_its_last_day_for_what_it_names() -> None:
    inventory = estate()
    served, shut = (
        expand(inventory).paths[path]
        for path in ("served:pc-001>dst-1:tcp/80", "shut:pc-001>dst-1:tcp/90")
    )

    assert waiver_of(inventory.waivers, served, date(2026, 11, 30)) is inventory.waivers[0]
    assert waiver_of(inventory.waivers, served, date(2026, 12, 1)) is None
    assert waiver_of(inventory.waivers, shut, TODAY) is None


def test_rows_are_listed_in_the_order_of_the_plan() -> None:
    asked = asked_for(None)
    run = Run(asked)
    rows = {row.path: row for row in rows_of(run, shut=FILTERED, logs=SILENT).values()}

    assert [row.flow for row in in_order(rows, asked)] == ["logs", "shut"]
