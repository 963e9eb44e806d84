from pathlib import Path

import pytest

from flows.checks import Pace, check_of, checks_of, is_literal
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Service
from flows.plan import Plan

ESTATE = """
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  be-01:  {address: 10.1.0.11, roles: [backend, agent-handler]}
  sql-01: {address: sql.example., roles: [sql-server], sql: SQL}
  log-01: {address: 10.1.0.30, roles: [syslog-server]}
  pc-001: {address: 10.9.0.1, roles: [agent]}
handler_groups:
  hq:
    handlers: [be-01]
    agents: [pc-001]
    syslog: [{server: log-01, protocol: tcp}, {server: log-01, protocol: tls}]
"""


def plan_of(sql: str = "{instance: SES}") -> Plan:
    return expand(read_inventory(ESTATE.replace("SQL", sql), "estate.yaml"))


def test_flows_that_share_an_endpoint_share_one_check_with_every_service() -> None:
    plan = plan_of()

    checks = checks_of(plan, plan)

    assert set(checks) == {path.endpoint for path in plan}
    assert checks["10.1.0.11", "tcp", 443].services == (Service.GRPC, Service.HTTPS)


def test_a_port_that_others_expect_to_speak_something_else_is_asked_for_both() -> None:
    plan = plan_of()
    mine = [plan.paths["agent:pc-001>be-01:tcp/443"]]

    (check,) = checks_of(mine, plan).values()

    assert check.services == (Service.GRPC, Service.HTTPS)


def test_a_literal_is_dialled_without_a_name_and_a_name_is_shown() -> None:
    plan = plan_of()

    checks = checks_of(plan, plan)

    assert checks["10.1.0.11", "tcp", 8443].name is None
    assert checks["sql.example.", "tcp", 1433].name == "sql.example"


def test_syslog_over_tls_asks_for_tls_and_plain_syslog_does_not() -> None:
    plan = plan_of()

    checks = checks_of(plan, plan)

    assert checks["10.1.0.30", "tcp", 5614].services == (Service.SYSLOG, Service.TLS)
    assert checks["10.1.0.30", "tcp", 1468].services == (Service.SYSLOG,)


@pytest.mark.parametrize(
    ("sql", "asked"),
    [
        ("{instance: SES}", "SES"),
        ("{port: 1433}", None),
        ("[{instance: SES}, {instance: OTHER, port: 1444}]", None),
    ],
)
def test_the_browser_is_asked_for_the_one_instance_or_for_all(sql: str, asked: str | None) -> None:
    plan = plan_of(sql)

    checks = checks_of(plan, plan)

    assert checks["sql.example.", "udp", 1434].instance == asked
    assert checks["sql.example.", "tcp", 1434].instance is None


def test_ids_count_the_endpoints() -> None:
    plan = plan_of()

    checks = checks_of(plan, plan)

    assert [check.id for check in checks.values()] == list(range(1, len(checks) + 1))


def test_one_check_has_the_number_and_the_pace_that_it_is_given() -> None:
    plan = plan_of()
    path = plan.paths["agent:pc-001>be-01:tcp/443"]

    check = check_of([path], plan.inventory, (Service.GRPC,), 17, Pace(60, 5, 3.2))

    assert (check.id, check.interval, check.deadline, check.offset) == (17, 60, 5, 3.2)


@pytest.mark.parametrize(
    ("address", "literal"), [("10.0.0.1", True), ("fd00::1", True), ("sql.example", False)]
)
def test_an_address_is_told_from_a_name(address: str, literal: bool) -> None:
    assert is_literal(address) is literal


def test_the_plan_of_the_design_needs_one_check_an_endpoint() -> None:
    text = (Path(__file__).parents[1] / "data" / "design.yaml").read_text(encoding="utf-8")
    plan = expand(read_inventory(text, "design.yaml"))

    for paths in plan.by_source.values():
        assert set(checks_of(paths, plan)) == {path.endpoint for path in paths}
