"""Warnings of DESIGN 2: each by an inventory that earns it, and one that does not."""

import pytest

from flows.hosts import Version
from flows.phases import PHASES, Phase
from flows.versions import Versions
from flows.warnings import warnings
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import estate

PAIR = """
    be: {address: 10.0.0.1, roles: [backend]}
    sql: {address: 10.0.0.2, roles: [sql-server]}
    up: {address: 10.0.0.3, roles: [policy-update-server]}
"""
"""Backends that lack nothing."""


def test_the_inventory_of_the_design_earns_none_before_the_end() -> None:
    inventory = inventory_of(DATA / "design.yaml")

    assert [warnings(inventory, phase) for phase in (None, *PHASES[:-1])] == [[]] * 5


def test_hosts_with_one_address_are_named() -> None:
    inventory = estate("""
        a: {address: 10.0.0.1, roles: []}
        b: {address: 10.0.0.2, roles: []}
        c: {address: 10.0.0.1, roles: []}
    """)

    assert warnings(inventory) == [
        "a and c have the same address 10.0.0.1: one measurement speaks for all"
    ]


def test_names_that_differ_in_case_or_a_final_dot_are_one_address() -> None:
    inventory = estate("""
        a: {address: Srv.Acme.Example, roles: []}
        b: {address: srv.acme.example., roles: []}
    """)

    assert warnings(inventory) == [
        "a and b have the same address srv.acme.example: one measurement speaks for all"
    ]


def test_many_hosts_with_one_address_are_counted() -> None:
    hosts = "\n".join(f"h-{n:05d}: {{address: 10.0.0.1, roles: []}}" for n in range(20_000))

    assert warnings(estate(hosts)) == [
        "h-00000, h-00001, h-00002 and 19997 more have the same address 10.0.0.1:"
        " one measurement speaks for all"
    ]


def test_many_shared_addresses_are_counted() -> None:
    hosts = "\n".join(
        f"{letter}-{n}: {{address: 10.0.0.{n}, roles: []}}" for n in range(22) for letter in "ab"
    )

    said = warnings(estate(hosts))

    assert (len(said), said[-1]) == (6, "and 17 more addresses are shared")


def test_a_virtual_backend_with_members_of_both_layouts_is_named() -> None:
    inventory = estate(
        PAIR
        + """
    bc: {address: 10.0.0.4, roles: [backend, agent-handler]}
    vip: {address: 10.0.0.5, roles: [backend], virtual: true, members: [bc, be]}
    """
    )

    assert warnings(inventory) == [
        "vip counts as colocated, but its members are of both layouts:"
        " bc with an agent handler, be without"
    ]


def test_layouts_matter_to_backends_only() -> None:
    inventory = estate(
        PAIR
        + """
    ah: {address: 10.0.0.4, roles: [agent-handler]}
    vip: {address: 10.0.0.5, roles: [agent-handler], virtual: true, members: [ah, be]}
    """
    )

    assert warnings(inventory) == []


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        (
            "con: {address: 10.0.0.4, roles: [console]}",
            "no host has the role 'backend': the plan lacks console-backend from con",
        ),
        (
            "siem: {address: 10.0.0.4, roles: [api-client]}",
            "no host has the role 'backend': the plan lacks public-api from siem",
        ),
        (
            "pc: {address: 10.0.0.4, roles: [agent]}",
            "no host has the role 'agent-handler': the plan lacks agent-legacy and agent from pc",
        ),
        (
            "sql: {address: 10.0.0.4, roles: [sql-server]}",
            "no host with a probe has the role 'backend':"
            " the plan lacks sql, sql-dac and sql-browser to sql",
        ),
        (
            "log: {address: 10.0.0.4, roles: [syslog-server]}",
            "no host with a probe has the role 'agent-handler':"
            " the plan lacks syslog-tcp, syslog-udp and syslog-tls to log",
        ),
    ],
)
def test_a_role_whose_peer_does_not_exist_is_named_with_what_the_plan_lacks(
    hosts: str, said: str
) -> None:
    assert warnings(estate(hosts)) == [said]


def test_every_flow_that_a_backend_lacks_is_named() -> None:
    assert warnings(estate("be: {address: 10.0.0.1, roles: [backend]}")) == [
        "no host has the role 'policy-update-server': the plan lacks policy-update from be",
        "no host has the role 'sql-server': the plan lacks sql, sql-dac and sql-browser from be",
    ]


def test_a_virtual_backend_calls_nobody() -> None:
    inventory = estate("""
        vip: {address: 10.0.0.1, roles: [backend], virtual: true}
        up: {address: 10.0.0.2, roles: [policy-update-server]}
    """)

    assert warnings(inventory) == [
        "no host with a probe has the role 'backend': the plan lacks policy-update to up"
    ]


def test_syslog_servers_and_collectors_are_optional() -> None:
    assert warnings(estate(PAIR + "\n    ah: {address: 10.0.0.4, roles: [agent-handler]}")) == []


MIXED = """
    ah: {address: 10.0.1.1, roles: [agent-handler], version: "2.7.1"}
    pc-1: {address: 10.0.2.1, roles: [agent], version: "2.6"}
    pc-2: {address: 10.0.2.2, roles: [agent]}
    pc-3: {address: 10.0.2.3, roles: [agent], version: "2.7.1"}
"""
ALONE = "handler_groups: {hq: {handlers: [ah], agents: [pc-1, pc-2, pc-3], legacy_protocol: false}}"
CUT_OFF = "handler group hq: its handlers are new and its old protocol is off, but "


def test_old_agents_of_new_handlers_without_the_old_protocol_are_named() -> None:
    assert warnings(estate(PAIR + MIXED, ALONE)) == [CUT_OFF + "pc-1 is below 2.7.1"]


def test_with_the_old_protocol_old_agents_are_fine() -> None:
    inventory = estate(PAIR + MIXED, ALONE.replace("false", "true"))

    assert warnings(inventory) == []


def test_while_a_handler_is_old_old_agents_are_fine() -> None:
    inventory = estate(PAIR + MIXED.replace("2.7.1", "2.6", 1), ALONE)

    assert warnings(inventory) == []


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (Phase.BASELINE, []),
        (Phase.PREPARE, []),
        (Phase.BACKOFFICE, [CUT_OFF + "pc-1 and pc-2 are below 2.7.1"]),
        (Phase.AGENTS, [CUT_OFF + "pc-1 and pc-2 are below 2.7.1"]),
        (Phase.COMPLETE, []),
    ],
)
def test_a_phase_brings_its_default_versions(phase: Phase, said: list[str]) -> None:
    assert warnings(estate(PAIR + MIXED, ALONE), phase) == said


def test_versions_that_were_set_count() -> None:
    inventory = estate(PAIR + MIXED, ALONE)
    versions = Versions(inventory, {"pc-1": Version("2.7.1"), "pc-2": Version("2.6")})

    assert warnings(inventory, None, versions) == [CUT_OFF + "pc-2 is below 2.7.1"]


@pytest.mark.parametrize(
    ("members", "said"),
    [("[ah]", [CUT_OFF + "pc is below 2.7.1"]), ("[ah, old]", [])],
)
def test_a_virtual_handler_is_new_when_all_its_members_are(members: str, said: list[str]) -> None:
    inventory = estate(
        PAIR
        + f"""
    ah: {{address: 10.0.1.1, roles: [agent-handler], version: "2.7.1"}}
    old: {{address: 10.0.1.2, roles: [agent-handler], version: "2.6"}}
    vip: {{address: 10.0.1.3, roles: [agent-handler], virtual: true, members: {members}}}
    pc: {{address: 10.0.2.1, roles: [agent], version: "2.6"}}
    """,
        """
        handler_groups:
          hq: {handlers: [vip], agents: [pc], legacy_protocol: false}
          lab: {handlers: [ah, old]}
        """,
    )

    assert warnings(inventory) == said


def test_many_agents_that_are_cut_off_are_counted() -> None:
    agents = [f"pc-{n:05d}" for n in range(19_000)]
    hosts = "\n".join(
        f'    {pc}: {{address: {pc}.lan, roles: [agent], version: "2.6"}}' for pc in agents
    )
    handler = '\n    ah: {address: 10.0.1.1, roles: [agent-handler], version: "2.7.1"}\n'
    groups = ALONE.replace("[pc-1, pc-2, pc-3]", f"[{', '.join(agents)}]")

    assert warnings(estate(PAIR + handler + hosts, groups)) == [
        CUT_OFF + "pc-00000, pc-00001, pc-00002 and 18997 more are below 2.7.1"
    ]


GROUPS = """
handler_groups:
  east: {handlers: [ah]}
  west: {handlers: [ah], legacy_protocol: false}
  south: {handlers: [ah]}
"""
HANDLER = PAIR + "\n    ah: {address: 10.0.1.1, roles: [agent-handler]}"
OPEN = (
    "legacy_protocol is true, which keeps the handlers listening on port 17000;"
    " complete wants it closed"
)


@pytest.mark.parametrize("phase", [None, *PHASES[:-1]])
def test_the_old_protocol_is_fine_before_the_end(phase: Phase | None) -> None:
    assert warnings(estate(HANDLER, GROUPS), phase) == []


def test_the_old_protocol_is_in_the_way_of_complete() -> None:
    assert warnings(estate(HANDLER, GROUPS), Phase.COMPLETE) == [
        f"handler groups east and south: {OPEN}"
    ]


def test_the_group_of_all_has_the_old_protocol_by_default() -> None:
    assert warnings(estate(HANDLER), Phase.COMPLETE) == [f"handler group default: {OPEN}"]


def test_an_instance_without_its_port_is_named() -> None:
    inventory = estate("""
        be: {address: 10.0.0.1, roles: [backend]}
        up: {address: 10.0.0.3, roles: [policy-update-server]}
        a: {address: 10.0.0.4, roles: [sql-server], sql: [{instance: SES}, {instance: LOGS}]}
        b: {address: 10.0.0.5, roles: [sql-server], sql: {instance: SES, port: 1433}}
        c: {address: 10.0.0.6, roles: [sql-server]}
    """)

    assert warnings(inventory) == [
        "a (SES) and a (LOGS): the SQL instance has no port; 1433 is assumed, and compared at run"
        " time with what SQL Browser says"
    ]


def test_four_names_are_given_and_of_five_two_are_counted() -> None:
    def hosts(count: int) -> str:
        return "\n".join(f"h-{n}: {{address: 10.0.0.1, roles: []}}" for n in range(count))

    assert [warnings(estate(hosts(count)))[0].split(" have ")[0] for count in (4, 5)] == [
        "h-0, h-1, h-2 and h-3",
        "h-0, h-1, h-2 and 2 more",
    ]
