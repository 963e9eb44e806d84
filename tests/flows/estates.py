"""Random valid inventories, as text, so that what is tested is what an operator could write."""

from typing import Any

import yaml
from hypothesis import strategies as st

from flows.group_reading import CARRIED
from flows.hosts import PROBE_ROLES, Need, Role
from flows.inventory import SyslogProtocol
from flows.inventory_reading import PORT_KEYS
from flows.phases import PHASES, Expectation

Document = dict[str, Any]
VERSIONS = st.sampled_from(["2.6", "2.6.1", "2.7", "2.7.1", "2.7.2", "2.10"])
PORTS = st.sampled_from([443, 8443, 8642, 1433, 1434, 17000, 514])
NEEDS = st.sampled_from([str(need) for need in Need])
ROLES = st.lists(st.sampled_from([str(role) for role in Role]), unique=True, max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw an inventory as YAML would build it."""
    hosts = draw(_machines())
    _add_virtual(draw, hosts)
    _add_consoles(draw, hosts)
    document: Document = {
        "migration": {"name": "any", "from": "2.6", "to": "2.7.1"},
        "hosts": hosts,
    }
    if draw(st.booleans()):
        document["handler_groups"] = _groups(draw, hosts)
    if draw(st.booleans()):
        document["ports"] = draw(st.dictionaries(st.sampled_from(PORT_KEYS), PORTS))
    if draw(st.booleans()):
        document["options"] = {"separate_backend_8443": draw(NEEDS)}
    document["extra_flows"] = _extra_flows(draw, hosts)
    return document


def written(document: Document) -> str:
    """Write a document as its operator would: versions quoted."""
    text: str = yaml.safe_dump(document, sort_keys=False)
    return text


@st.composite
def shuffled(draw: st.DrawFn, node: Any) -> Any:
    """Draw another order of every mapping and list of a document."""
    match node:
        case dict():
            keys = draw(st.permutations(list(node)))
            return {key: draw(shuffled(node[key])) for key in keys}
        case list():
            return [draw(shuffled(item)) for item in draw(st.permutations(node))]
        case _:
            return node


def _machines() -> st.SearchStrategy[Document]:
    address = st.sampled_from([f"10.0.0.{n}" for n in range(1, 9)] + ["a.example", "fd00::1"])
    machine = st.fixed_dictionaries(
        {"address": address, "roles": ROLES}, optional={"version": VERSIONS}
    )
    names = st.sampled_from([f"h-{n}" for n in range(8)])
    return st.dictionaries(names, machine, min_size=1, max_size=7).flatmap(_with_sql)


def _with_sql(hosts: Document) -> st.SearchStrategy[Document]:
    instance = st.fixed_dictionaries(
        {},
        optional={
            "port": PORTS,
            "instance": st.sampled_from(["SES", "LOGS"]),
            "browser": NEEDS,
            "dac": NEEDS,
        },
    )
    sql = instance | st.lists(instance, min_size=1, max_size=2)
    servers = {name: sql for name, host in hosts.items() if "sql-server" in host["roles"]}
    return st.fixed_dictionaries({}, optional=servers).map(
        lambda drawn: {
            name: {**host, "sql": drawn[name]} if name in drawn else host
            for name, host in hosts.items()
        }
    )


def _add_virtual(draw: st.DrawFn, hosts: Document) -> None:
    machines = list(hosts)
    for name in draw(st.sampled_from([[], ["vip-1"], ["vip-1", "vip-2"]])):
        roles = [role for role in draw(ROLES) if role != "agent"]
        hosts[name] = {"address": f"{name}.example", "roles": roles, "virtual": True}
        if draw(st.booleans()):
            hosts[name]["members"] = _some(draw, machines)
        if draw(st.booleans()):
            hosts[name]["version"] = draw(VERSIONS)


def _add_consoles(draw: st.DrawFn, hosts: Document) -> None:
    for host in hosts.values():
        if "console" in host["roles"] and draw(st.booleans()):
            host["backends"] = _some(draw, _with_role(hosts, "backend"))


def _groups(draw: st.DrawFn, hosts: Document) -> Document:
    """Draw up to three groups, with every handler and agent in the first."""
    handlers, agents = (_with_role(hosts, role) for role in ("agent-handler", "agent"))
    if not handlers:
        return {}
    groups = {"all": _group(draw, hosts, handlers, agents)}
    for name in draw(st.sampled_from([[], ["east"], ["east", "west"]])):
        groups[name] = _group(draw, hosts, _some(draw, handlers, 1), _some(draw, agents))
    return groups


def _group(draw: st.DrawFn, hosts: Document, handlers: list[str], agents: list[str]) -> Document:
    group: Document = {"handlers": handlers, "agents": agents}
    if draw(st.booleans()):
        group["backends"] = _some(draw, _with_role(hosts, "backend"))
    if draw(st.booleans()):
        group["legacy_protocol"] = draw(st.booleans())
    servers = _with_role(hosts, "syslog-server")
    if servers:
        target = st.fixed_dictionaries(
            {
                "server": st.sampled_from(servers),
                "protocol": st.sampled_from([str(one) for one in SyslogProtocol]),
            },
            optional={"port": PORTS},
        )
        group["syslog"] = draw(st.lists(target, max_size=3))
    return group


def _extra_flows(draw: st.DrawFn, hosts: Document) -> list[Document]:
    probed = [
        name
        for name, host in hosts.items()
        if not host.get("virtual") and not PROBE_ROLES.isdisjoint(host["roles"])
    ]
    sources = [*probed, *sorted(map(str, PROBE_ROLES))]
    destinations = [*hosts, *map(str, Role)]
    words = st.sampled_from([str(word) for word in Expectation])
    phases = st.sampled_from([str(phase) for phase in PHASES])
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        proto = draw(st.sampled_from(sorted(CARRIED)))
        rows.append(
            {
                "flow": draw(st.sampled_from(["extra", "agent", "other"])),
                "from": _one_or_some(draw, sources),
                "to": _one_or_some(draw, destinations),
                "proto": proto,
                "port": draw(PORTS),
                "service": draw(st.sampled_from(sorted(map(str, CARRIED[proto])))),
                "expect": draw(words | st.dictionaries(phases, words, min_size=1)),
                "why": draw(st.sampled_from(["because", "policy"])),
            }
        )
    return rows


def _one_or_some(draw: st.DrawFn, names: list[str]) -> str | list[str]:
    return draw(st.sampled_from(names)) if draw(st.booleans()) else _some(draw, names, 1)


def _some(draw: st.DrawFn, names: list[str], least: int = 0) -> list[str]:
    if not names:
        return []
    return draw(st.lists(st.sampled_from(names), unique=True, min_size=least, max_size=4))


def _with_role(hosts: Document, role: str) -> list[str]:
    return [name for name, host in hosts.items() if role in host["roles"]]
