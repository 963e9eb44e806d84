"""Questions that an inventory answers itself."""

from flows.hosts import Role
from flows.inventory import Ports, SyslogProtocol
from tests.flows.texts import estate

INVENTORY = estate(
    """
    vip: {address: 10.0.0.1, roles: [backend], virtual: true, members: [both]}
    both: {address: 10.0.0.2, roles: [backend, agent-handler]}
    alone: {address: 10.0.0.3, roles: [backend]}
    lone-vip: {address: 10.0.0.4, roles: [backend], virtual: true}
    own-vip: {address: 10.0.0.5, roles: [backend, agent-handler], virtual: true, members: [alone]}
    pc-2: {address: 10.0.1.2, roles: [agent]}
    pc-1: {address: 10.0.1.1, roles: [agent]}
    """,
    """
    handler_groups:
      west: {handlers: [both], agents: [pc-1]}
      east: {handlers: [own-vip], agents: [pc-2, pc-1]}
    """,
)


def test_hosts_of_a_role_come_by_name() -> None:
    names = [host.name for host in INVENTORY.with_role(Role.BACKEND)]

    assert names == ["alone", "both", "lone-vip", "own-vip", "vip"]


def test_a_virtual_host_is_no_source() -> None:
    assert [host.name for host in INVENTORY.sources(Role.BACKEND)] == ["alone", "both"]


def test_agents_that_are_nothing_else_are_told_from_all_other_hosts() -> None:
    others = ["alone", "both", "lone-vip", "own-vip", "vip"]

    assert [host.name for host in INVENTORY.plain_agents] == ["pc-1", "pc-2"]
    assert [host.name for host in INVENTORY.others] == others


def test_the_groups_of_an_agent_come_by_name() -> None:
    found = {
        agent: [group.name for group in groups]
        for agent, groups in INVENTORY.groups_by_agent.items()
    }

    assert found == {"pc-1": ["east", "west"], "pc-2": ["east"]}


def test_a_backend_is_colocated_if_it_or_a_member_is_a_handler() -> None:
    colocated = {host.name for host in INVENTORY.hosts.values() if INVENTORY.is_colocated(host)}

    assert colocated == {"vip", "both", "own-vip"}


def test_the_ports_are_those_of_the_guide() -> None:
    assert Ports() == Ports(
        agent=443,
        agent_legacy=17000,
        backend=443,
        backend_colocated=8443,
        public_api=10443,
        policy_update=443,
        gatewatch=8642,
    )
    assert [protocol.default_port for protocol in SyslogProtocol] == [1468, 514, 5614]
