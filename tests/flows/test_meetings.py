"""Who meets whom, row by row of the catalog; the plans in tests/data say what comes of it."""

import pytest

from flows.catalog import catalog
from flows.hosts import Need
from flows.meetings import Estate, Meeting, meetings
from tests.flows.texts import estate

INVENTORY = estate(
    """
    be-1: {address: 10.0.0.1, roles: [backend, agent-handler]}
    be-2: {address: 10.0.0.2, roles: [backend]}
    vip: {address: 10.0.0.3, roles: [backend, agent-handler], virtual: true, members: [be-1]}
    ah: {address: 10.0.0.4, roles: [agent-handler]}
    con: {address: 10.0.0.5, roles: [console]}
    few: {address: 10.0.0.6, roles: [console], backends: [be-2]}
    none: {address: 10.0.0.7, roles: [console], backends: []}
    ws: {address: 10.0.0.8, roles: [agent, api-client]}
    pc: {address: 10.0.0.9, roles: [agent]}
    sql: {address: 10.0.1.1, roles: [sql-server], sql: [{dac: require}, {port: 2, dac: ignore}]}
    log: {address: 10.0.1.2, roles: [syslog-server]}
    watch: {address: 10.0.1.3, roles: [collector]}
    """,
    """
    handler_groups:
      east: {handlers: [be-1, vip], agents: [pc, ws], backends: [be-2],
             syslog: [{server: log, protocol: udp}]}
      west: {handlers: [ah], agents: [ws], legacy_protocol: false}
    """,
)
ESTATE = Estate(INVENTORY)


def met(flow: str, port: str | int) -> list[Meeting]:
    return [
        meeting
        for row in catalog()
        if (row.flow, row.port) == (flow, port)
        for meeting in meetings(row, ESTATE)
    ]


def pairs(flow: str, port: str | int) -> list[str]:
    return [f"{one.source.name}>{one.destination.name}:{one.port}" for one in met(flow, port)]


@pytest.mark.parametrize(
    ("flow", "port", "expected"),
    [
        ("console-backend", "backend", "con>be-2:443 few>be-2:443 con>be-1:443 con>vip:443"),
        ("handler-backend", "backend", "ah>be-2:443 be-1>be-2:443 ah>be-1:443 ah>vip:443"),
        ("public-api", "public-api", "ws>be-1:10443 ws>be-2:10443 ws>vip:10443"),
        ("policy-update", "policy-update", ""),
        ("sql", "own", "be-1>sql:1433 be-1>sql:2 be-2>sql:1433 be-2>sql:2"),
        ("syslog-udp", "own", "be-1>log:514"),
        ("syslog-tcp", "own", ""),
        ("agent", "agent", "pc>be-1:443 pc>vip:443 ws>be-1:443 ws>vip:443 ws>ah:443"),
    ],
)
def test_a_row_has_its_meetings(flow: str, port: str, expected: str) -> None:
    assert pairs(flow, port) == expected.split()


def test_every_host_with_a_probe_meets_the_collector() -> None:
    sources = [one.source.name for one in met("gatewatch", "gatewatch")]

    assert sources == ["ah", "be-1", "be-2", "con", "few", "none", "pc", "ws"]


def test_only_plain_agents_are_counted_with_their_groups_there() -> None:
    grouped = {one.source.name: one.groups for one in met("gatewatch", "gatewatch") if one.groups}

    assert grouped == {"pc": ("east",)}


def test_an_agent_meets_each_handler_once_a_group_with_the_groups_setting() -> None:
    found = [
        (one.groups, one.destination.name, one.legacy_protocol) for one in met("agent", "agent")
    ]

    assert found == [
        (("east",), "be-1", True),
        (("east",), "vip", True),
        (("east",), "be-1", True),
        (("east",), "vip", True),
        (("west",), "ah", False),
    ]


def test_each_instance_says_how_much_its_extras_matter() -> None:
    needs = [one.need for one in met("sql-dac", 1434) if one.source.name == "be-1"]

    assert needs == [Need.REQUIRE, Need.IGNORE]
    assert {one.need for one in met("sql", "own")} == {None}


def test_ends_of_extra_flows_are_hosts_each_once_by_name() -> None:
    def names(*ends: str, as_source: bool) -> list[str]:
        return [host.name for host in ESTATE.ends(ends, as_source=as_source)]

    assert names("console", "con", "ah", as_source=True) == ["ah", "con", "few", "none"]
    assert names("backend", as_source=True) == ["be-1", "be-2"]
    assert names("backend", "log", as_source=False) == ["be-1", "be-2", "log", "vip"]


def test_a_source_is_counted_with_its_groups_as_an_agent_only() -> None:
    pc, ws, con = (INVENTORY.hosts[name] for name in ("pc", "ws", "con"))

    assert ESTATE.agent_groups(pc) == ("east",)
    assert ESTATE.agent_groups(ws) == ()
    assert ESTATE.agent_groups(ws, by_role=True) == ("east", "west")
    assert ESTATE.agent_groups(con, by_role=True) == ()


def test_a_handler_of_several_groups_calls_the_backends_of_all() -> None:
    assert [host.name for host in ESTATE.group_backends("be-1")] == ["be-2"]
    assert [host.name for host in ESTATE.group_backends("ah")] == ["be-1", "be-2", "vip"]
