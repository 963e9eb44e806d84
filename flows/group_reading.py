"""Reading handler groups and the operator's own rows of an inventory (DESIGN 2)."""

from collections.abc import Callable, Mapping

from flows.host_reading import check_key, host_of, set_of
from flows.hosts import Host, Role
from flows.inventory import ExtraFlow, HandlerGroup, SyslogProtocol, SyslogTarget
from flows.outcomes import Service
from flows.phases import PHASES, Expectation, Phase
from flows.reading import Unfit, Value
from flows.scalars import flag, list_of, name, one_of, port, text, word_of
from flows.yamltext import Mapping as MappingNode
from flows.yamltext import Sequence

GROUP_KEYS = ("handlers", "agents", "backends", "legacy_protocol", "syslog")
SYSLOG_KEYS = ("server", "protocol", "port")
EXTRA_KEYS = ("flow", "from", "to", "proto", "port", "service", "expect", "why")
PROTOS = ("tcp", "udp")
_UDP_ONLY = frozenset({Service.UDP, Service.SSRP})
CARRIED = {"tcp": frozenset(Service) - _UDP_ONLY, "udp": _UDP_ONLY | {Service.SYSLOG}}


def read_groups(value: Value, hosts: Mapping[str, Host]) -> dict[str, HandlerGroup]:
    """Read the declared groups, by name; none declared is an empty mapping."""
    groups: dict[str, HandlerGroup] = {}
    for key, entry in value.entries():
        check_key(value, key, "group")
        groups[key] = _group(key, entry, hosts)
    return groups


def everybody(hosts: Mapping[str, Host]) -> HandlerGroup:
    """Assume one group of all, with all documented syslog protocols to each syslog server."""
    by_role = {
        role: tuple(sorted(host.name for host in hosts.values() if role in host.roles))
        for role in (Role.AGENT_HANDLER, Role.AGENT, Role.SYSLOG_SERVER)
    }
    return HandlerGroup(
        name="default",
        handlers=by_role[Role.AGENT_HANDLER],
        agents=by_role[Role.AGENT],
        syslog=tuple(
            SyslogTarget(server, protocol, protocol.default_port)
            for server in by_role[Role.SYSLOG_SERVER]
            for protocol in SyslogProtocol
        ),
        assumed=True,
    )


def read_extra_flows(value: Value, hosts: Mapping[str, Host]) -> tuple[ExtraFlow, ...]:
    """Read the operator's own rows."""
    return list_of(lambda item: _extra_flow(item, hosts))(value)


def _group(key: str, entry: Value, hosts: Mapping[str, Host]) -> HandlerGroup:
    fields = entry.fields(GROUP_KEYS)
    return HandlerGroup(
        name=key,
        handlers=fields.required("handlers", _handlers(hosts), ()),
        agents=fields.optional("agents", set_of(host_of(hosts, Role.AGENT)), ()),
        backends=fields.optional("backends", set_of(host_of(hosts, Role.BACKEND)), None),
        legacy_protocol=fields.optional("legacy_protocol", flag, default=True),
        syslog=fields.optional("syslog", list_of(lambda item: _syslog(item, hosts)), ()),
    )


def _handlers(hosts: Mapping[str, Host]) -> Callable[[Value], tuple[str, ...]]:
    read_set = set_of(host_of(hosts, Role.AGENT_HANDLER))

    def read(value: Value) -> tuple[str, ...]:
        if isinstance(value.node, Sequence) and not value.node.items:
            raise Unfit("a group needs at least one handler")
        return read_set(value)

    return read


def _syslog(value: Value, hosts: Mapping[str, Host]) -> SyslogTarget:
    fields = value.fields(SYSLOG_KEYS)
    protocol = fields.required("protocol", one_of(SyslogProtocol, "protocol"), SyslogProtocol.TCP)
    return SyslogTarget(
        server=fields.required("server", host_of(hosts, Role.SYSLOG_SERVER), ""),
        protocol=protocol,
        port=fields.optional("port", port, protocol.default_port),
    )


def _extra_flow(value: Value, hosts: Mapping[str, Host]) -> ExtraFlow:
    fields = value.fields(EXTRA_KEYS)
    proto = fields.required("proto", _proto, "")
    return ExtraFlow(
        flow=fields.required("flow", name, ""),
        sources=fields.required("from", _ends(hosts, _source), ()),
        destinations=fields.required("to", _ends(hosts, _known), ()),
        proto=proto,
        port=fields.required("port", port, 0),
        service=fields.required("service", _service(proto), Service.TCP),
        expect=fields.required("expect", _expect, {}),
        why=fields.required("why", text, ""),
    )


def _proto(value: Value) -> str:
    word = word_of(value)
    if word not in PROTOS:
        raise Unfit(f"unknown protocol '{word}' (one of tcp, udp)")
    return word


def _service(proto: str) -> Callable[[Value], Service]:
    read_word = one_of(Service, "service")

    def read(value: Value) -> Service:
        service = read_word(value)
        if service not in CARRIED.get(proto, Service):
            raise Unfit(f"service '{service}' does not run over {proto}")
        return service

    return read


def _expect(value: Value) -> dict[Phase, Expectation]:
    read_word = one_of(Expectation, "expectation")
    if not isinstance(value.node, MappingNode):
        return dict.fromkeys(PHASES, read_word(value))
    fields = value.fields(tuple(map(str, PHASES)))
    expect = {phase: fields.optional(phase, read_word, None) for phase in PHASES}
    if not value.node.entries:
        raise Unfit("at least one phase is needed")
    return {phase: word for phase, word in expect.items() if word is not None}


Ends = Callable[[Value, Mapping[str, Host]], str]


def _ends(hosts: Mapping[str, Host], end: Ends) -> Callable[[Value], tuple[str, ...]]:
    """Make a reader of a role, a host, or a list of them."""
    read_set = set_of(lambda value: end(value, hosts))

    def read(value: Value) -> tuple[str, ...]:
        if not isinstance(value.node, Sequence):
            return (end(value, hosts),)
        if not value.node.items:
            raise Unfit("at least one role or host is needed")
        return read_set(value)

    return read


def _known(value: Value, hosts: Mapping[str, Host]) -> str:
    word = word_of(value)
    if hosts and word not in hosts and word not in set(Role):
        known = [*map(str, Role), *hosts]
        raise Unfit(f"unknown role or host '{word}'{value.reading.did_you_mean(word, known)}")
    return word


def _source(value: Value, hosts: Mapping[str, Host]) -> str:
    word = _known(value, hosts)
    if word in hosts:
        blind = [] if hosts[word].has_probe else [word]
    else:
        meant = (host for host in hosts.values() if word in host.roles and not host.virtual)
        blind = sorted(host.name for host in meant if not host.has_probe)
    if blind:
        raise Unfit(f"'{blind[0]}' carries no probe and cannot be a source")
    return word
