"""Expansion (DESIGN 3): plans that were written by hand, cell by cell, and what holds for all."""

from pathlib import Path as File

import pytest

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.phases import Expectation, Phase
from tests.flows.plan_tables import (
    DATA,
    PLANS,
    by_hand,
    by_program,
    inventory_of,
    patterns_of,
    versions_of,
)
from tests.flows.texts import MIGRATION, plan_of


def test_the_plan_of_the_design_is_the_one_written_by_hand() -> None:
    plan = expand(inventory_of(DATA / "design.yaml"))

    assert by_program(plan, ["*"]) == by_hand(DATA / "design-plan.txt")


@pytest.mark.parametrize("table", sorted(PLANS.glob("*.txt")), ids=lambda file: file.stem)
def test_a_plan_is_the_one_written_by_hand(table: File) -> None:
    inventory = inventory_of(table.with_suffix(".yaml"))

    plan = expand(inventory, versions_of(table, inventory))

    assert by_program(plan, patterns_of(table)) == by_hand(table)


def test_a_path_carries_what_a_firewall_request_needs() -> None:
    plan = expand(inventory_of(DATA / "design.yaml"))

    path = plan.paths["agent:pc-001>ah-02:tcp/443"]

    assert (path.flow, path.src, path.dst, path.proto, path.port) == (
        "agent",
        "pc-001",
        "ah-02",
        "tcp",
        443,
    )
    assert path.dst_address == "10.1.0.12"
    assert path.purpose == "Communication of 2.7.1 agents with agent handlers"


def test_an_extra_flow_carries_the_operators_reason() -> None:
    plan = expand(inventory_of(DATA / "design.yaml"))

    path = plan.paths["agent-crl:pc-001>pki-01:tcp/80"]

    assert (path.guide, path.purpose) == ("inventory", "certificate revocation lists")


def test_paths_stand_in_the_order_of_the_guide_and_then_of_names() -> None:
    plan = expand(inventory_of(DATA / "design.yaml"))

    assert list(plan.paths) == list(by_hand(DATA / "design-plan.txt"))


def test_without_groups_the_plan_says_why_syslog_is_only_advised() -> None:
    plan = plan_of("""
        ah: {address: 10.0.0.1, roles: [agent-handler]}
        log: {address: 10.0.0.2, roles: [syslog-server]}
    """)

    assert plan.paths["syslog-tcp:ah>log:tcp/1468"].purpose == (
        "Logs of agent handlers to the syslog server over TCP"
        " (no handler group is declared: whether it is used depends on the group's settings)"
    )


EXTRA = (
    "{flow: b, from: con, to: be, proto: tcp, port: 1, service: tcp, expect: closed, why: one}",
    "{flow: a, from: con, to: be, proto: tcp, port: 1, service: tcp, expect: permit, why: two}",
    "{flow: b, from: con, to: be, proto: tcp, port: 1, service: tls, expect: permit, why: three}",
    "{flow: b, from: [con], to: be, proto: tcp, port: 1, service: tcp, expect: serve, why: four}",
)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1)])
def test_extra_flows_in_another_order_give_the_same_plan(order: tuple[int, ...]) -> None:
    def digest(rows: list[str]) -> str:
        hosts = """
            be: {address: 10.0.0.1, roles: [backend]}
            con: {address: 10.0.0.2, roles: [console]}
        """
        return plan_of(hosts, "extra_flows:\n" + "".join(f"  - {row}\n" for row in rows)).digest

    assert digest([EXTRA[index] for index in order]) == digest(list(EXTRA))


def test_an_extra_flow_may_ask_more_of_a_path_of_the_guide() -> None:
    plan = plan_of(
        """
        ah: {address: 10.0.0.1, roles: [agent-handler]}
        pc: {address: 10.0.0.2, roles: [agent]}
        """,
        """
        extra_flows:
          - {flow: agent, from: pc, to: ah, proto: tcp, port: 443, service: grpc, expect: serve,
             why: at once}
        """,
    )

    path = plan.paths["agent:pc>ah:tcp/443"]

    assert set(path.expect.values()) == {Expectation.SERVE}
    assert path.guide == "3.2, Agent greater than or equal to 2.7.1"


def test_the_design_has_its_catalog_in_force_without_any_group_or_host_of_a_kind() -> None:
    inventory = read_inventory(f"{MIGRATION}hosts: {{a: {{address: a.lan, roles: []}}}}", "f")

    assert list(expand(inventory).of(Phase.COMPLETE)) == []
