"""Handler groups and rows of the operator's own, as they are read (DESIGN 2)."""

import pytest

from flows.inventory import ExtraFlow, HandlerGroup, SyslogProtocol, SyslogTarget
from flows.outcomes import Service
from flows.phases import PHASES, Expectation, Phase
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import estate

HOSTS = """
    be: {address: 10.0.0.1, roles: [backend]}
    ah: {address: 10.0.0.2, roles: [agent-handler]}
    vip: {address: 10.0.0.3, roles: [agent-handler], virtual: true, members: [ah]}
    con: {address: 10.0.0.4, roles: [console]}
    pc: {address: 10.0.0.5, roles: [agent]}
    log: {address: 10.0.0.6, roles: [syslog-server]}
    pki: {address: 10.0.0.7, roles: []}
"""


def group(entry: str) -> HandlerGroup:
    return estate(HOSTS, f"handler_groups: {{hq: {entry}}}").groups["hq"]


def test_a_group_needs_its_handlers_only() -> None:
    assert group("{handlers: [ah, vip], agents: [pc]}") == HandlerGroup(
        "hq", handlers=("ah", "vip"), agents=("pc",)
    )


def test_the_group_of_the_design_is_read() -> None:
    assert inventory_of(DATA / "design.yaml").groups == {
        "hq": HandlerGroup(
            name="hq",
            handlers=("be-01", "be-03", "ah-02"),
            agents=("pc-001",),
            backends=("ses",),
            legacy_protocol=True,
            syslog=(
                SyslogTarget("log-01", SyslogProtocol.TCP, 1468),
                SyslogTarget("log-01", SyslogProtocol.UDP, 514),
                SyslogTarget("log-01", SyslogProtocol.TLS, 6514),
            ),
        )
    }


def test_the_old_protocol_can_be_switched_off() -> None:
    found = group("{handlers: [ah, vip], agents: [pc], legacy_protocol: false}")

    assert not found.legacy_protocol


@pytest.mark.parametrize(("protocol", "port"), [("tcp", 1468), ("udp", 514), ("tls", 5614)])
def test_syslog_has_the_port_of_the_guide_by_default(protocol: str, port: int) -> None:
    found = group(
        f"{{handlers: [ah, vip], agents: [pc], syslog: [{{server: log, protocol: {protocol}}}]}}"
    )

    assert found.syslog == (SyslogTarget("log", SyslogProtocol(protocol), port),)


def test_a_host_may_be_in_several_groups() -> None:
    groups = estate(
        HOSTS,
        "handler_groups: {a: {handlers: [ah, vip], agents: [pc]}, b: {handlers: [ah]}}",
    ).groups

    assert [found.handlers for found in groups.values()] == [("ah", "vip"), ("ah",)]


def test_without_a_group_everybody_is_in_one_with_every_documented_syslog_path() -> None:
    assert estate(HOSTS).groups == {
        "default": HandlerGroup(
            name="default",
            handlers=("ah", "vip"),
            agents=("pc",),
            syslog=(
                SyslogTarget("log", SyslogProtocol.TCP, 1468),
                SyslogTarget("log", SyslogProtocol.UDP, 514),
                SyslogTarget("log", SyslogProtocol.TLS, 5614),
            ),
            assumed=True,
        )
    }


def extra(
    ends: str = "from: pc, to: pki",
    proto: str = "tcp",
    service: str = "tls",
    expect: str = "serve",
) -> ExtraFlow:
    row = f"flow: crl, {ends}, proto: {proto}, port: 80, service: {service}, expect: {expect}"
    return estate(HOSTS, f"extra_flows: [{{{row}, why: revocation}}]").extra_flows[0]


def test_a_row_of_the_operator_is_read() -> None:
    assert extra() == ExtraFlow(
        flow="crl",
        sources=("pc",),
        destinations=("pki",),
        proto="tcp",
        port=80,
        service=Service.TLS,
        expect=dict.fromkeys(PHASES, Expectation.SERVE),
        why="revocation",
    )


@pytest.mark.parametrize(
    ("ends", "sources", "destinations"),
    [
        ("from: agent, to: backend", ("agent",), ("backend",)),
        ("from: [agent, con], to: [pki, log]", ("agent", "con"), ("pki", "log")),
        ("from: collector, to: collector", ("collector",), ("collector",)),
        ("from: con, to: vip", ("con",), ("vip",)),
        ("from: agent-handler, to: sql-server", ("agent-handler",), ("sql-server",)),
    ],
)
def test_an_end_is_a_role_a_host_or_a_list_of_them(
    ends: str, sources: tuple[str, ...], destinations: tuple[str, ...]
) -> None:
    found = extra(ends)

    assert (found.sources, found.destinations) == (sources, destinations)


def test_an_expectation_may_differ_by_phase() -> None:
    assert extra(expect="{prepare: permit, complete: closed}").expect == {
        Phase.PREPARE: Expectation.PERMIT,
        Phase.COMPLETE: Expectation.CLOSED,
    }


@pytest.mark.parametrize(
    ("proto", "services"),
    [
        ("tcp", "tcp tls https http grpc tds msrpc syslog"),
        ("udp", "udp ssrp syslog"),
    ],
)
def test_a_service_runs_over_its_protocol(proto: str, services: str) -> None:
    for service in services.split():
        assert extra(proto=proto, service=service).service == service
