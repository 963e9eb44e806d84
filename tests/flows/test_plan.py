"""The plan: what binds, what is a goal, and what stands behind an endpoint."""

import msgspec
import pytest

from flows.expansion import expand
from flows.outcomes import Service
from flows.phases import PHASES, Expectation, Phase
from flows.plan import Path, Plan, Scope, path_id
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import plan_of


@pytest.fixture(name="plan", scope="module")
def fixture_plan() -> Plan:
    """Expand the inventory of DESIGN 2."""
    return expand(inventory_of(DATA / "design.yaml"))


def test_a_path_is_written_as_in_the_formats(plan: Plan) -> None:
    body = msgspec.json.decode(msgspec.json.encode(plan.paths["agent:pc-001>ah-02:tcp/443"]))

    assert body == {
        "path": "agent:pc-001>ah-02:tcp/443",
        "flow": "agent",
        "src": "pc-001",
        "dst": "ah-02",
        "dst_address": "10.1.0.12",
        "proto": "tcp",
        "port": 443,
        "service": "grpc",
        "scope": "network",
        "groups": ["hq"],
        "guide": "3.2, Agent greater than or equal to 2.7.1",
        "purpose": "Communication of 2.7.1 agents with agent handlers",
        "expect": {
            "prepare": "permit",
            "backoffice": "permit",
            "agents": "serve",
            "complete": "serve",
        },
    }


def test_a_path_id_has_all_that_tells_it_apart() -> None:
    assert path_id("agent", "pc-001", "ah-01", "tcp", 443) == "agent:pc-001>ah-01:tcp/443"


def test_a_plan_is_walked_path_by_path(plan: Plan) -> None:
    assert [path.id for path in plan] == list(plan.paths)


def test_a_phase_has_the_paths_that_it_asks_anything_of(plan: Plan) -> None:
    of_prepare = {path.id for path in plan.of(Phase.PREPARE)}
    of_baseline = {path.id for path in plan.of(Phase.BASELINE)}

    assert {path.split(":")[0] for path in of_prepare - of_baseline} == {
        "agent",
        "console-backend",
        "handler-backend",
    }


def test_paths_are_found_by_their_source(plan: Plan) -> None:
    assert [path.id for path in plan.by_source["con-01"]] == [
        "console-backend:con-01>be-02:tcp/443",
        "console-backend:con-01>be-02:tcp/8443",
        "console-backend:con-01>ses:tcp/443",
        "console-backend:con-01>ses:tcp/8443",
        "gatewatch:con-01>watch:tcp/8642",
    ]
    assert "ses" not in plan.by_source


SCOPES = (Scope.NETWORK, Scope.LOCAL)


def path_asking(expect: dict[Phase, Expectation], scope: Scope) -> Path:
    return Path(
        id="a:b>c:tcp/1",
        flow="a",
        src="b",
        dst="c",
        dst_address="c",
        proto="tcp",
        port=1,
        service=Service.TCP,
        scope=scope,
        groups=(),
        guide="",
        purpose="",
        expect=expect,
    )


@pytest.mark.parametrize(
    ("expectation", "network", "local"),
    [
        (Expectation.SERVE, True, True),
        (Expectation.PERMIT, True, False),
        (Expectation.CLOSED, True, False),
        (Expectation.ADVISED, False, False),
        (Expectation.RETIRED, False, False),
        (None, False, False),
    ],
)
def test_what_binds_depends_on_the_expectation_and_the_scope(
    expectation: Expectation | None, network: bool, local: bool
) -> None:
    expect = {Phase.AGENTS: expectation} if expectation else {}

    found = [
        path_asking(expect, scope).binds(Phase.AGENTS) for scope in (Scope.NETWORK, Scope.LOCAL)
    ]

    assert found == [network, local]


SERVE, PERMIT, CLOSED = Expectation.SERVE, Expectation.PERMIT, Expectation.CLOSED


@pytest.mark.parametrize(
    ("asked", "goal_of"),
    [
        ([None, PERMIT, PERMIT, SERVE, SERVE], [Phase.PREPARE]),
        ([PERMIT, PERMIT, PERMIT, PERMIT, PERMIT], []),
        ([SERVE, PERMIT, None, None, None], [Phase.PREPARE]),
        ([SERVE, SERVE, SERVE, SERVE, CLOSED], [Phase.COMPLETE]),
        ([CLOSED, CLOSED, CLOSED, CLOSED, CLOSED], []),
        ([None, CLOSED, None, PERMIT, PERMIT], []),
        ([None, None, PERMIT, CLOSED, CLOSED], []),
    ],
)
def test_goals_are_the_permits_of_prepare_and_the_closings_of_complete(
    asked: list[Expectation | None], goal_of: list[Phase]
) -> None:
    expect = {phase: one for phase, one in zip(PHASES, asked, strict=True) if one}

    def goals(scope: Scope) -> list[Phase]:
        path = path_asking(expect, scope)
        return [phase for phase in PHASES if path.is_goal(phase)]

    assert goals(Scope.NETWORK) == goal_of
    assert goals(Scope.LOCAL) == []


def test_an_endpoint_tells_when_which_service_must_answer() -> None:
    plan = plan_of("""
        be: {address: 10.0.0.1, roles: [backend, agent-handler]}
        con: {address: 10.0.0.2, roles: [console]}
        pc: {address: 10.0.0.3, roles: [agent]}
    """)

    assert plan.services["10.0.0.1", "tcp", 443] == {
        Service.HTTPS: {Phase.BASELINE, Phase.PREPARE, Phase.BACKOFFICE},
        Service.GRPC: {Phase.AGENTS, Phase.COMPLETE},
    }
    assert plan.services["10.0.0.1", "tcp", 17000] == {
        Service.MSRPC: set(PHASES) - {Phase.COMPLETE}
    }


def test_what_is_planned_behind_a_virtual_host_stands_on_its_members(plan: Plan) -> None:
    behind_ses = plan.services["10.1.0.10", "tcp", 443]
    on_member = plan.services["10.1.0.11", "tcp", 443]

    assert set(behind_ses) == set(on_member) == {Service.HTTPS, Service.GRPC}
    assert set(plan.services["10.1.0.12", "tcp", 443]) == {Service.GRPC}
    assert set(plan.services["10.1.0.10", "tcp", 8443]) == {Service.HTTPS}


def test_only_planned_endpoints_are_known(plan: Plan) -> None:
    assert set(plan.services) == {path.endpoint for path in plan}
    assert ("10.1.0.11", "tcp", 8443) not in plan.services


def test_an_endpoint_tells_which_flows_need_it(plan: Plan) -> None:
    needed = plan.needed["10.1.0.10", "tcp", 443]

    assert needed[Phase.BASELINE] == {"console-backend", "handler-backend"}
    assert Phase.AGENTS not in needed


def test_the_digest_names_this_very_plan(plan: Plan) -> None:
    again = expand(inventory_of(DATA / "design.yaml"))
    other = plan_of("con: {address: 10.0.0.1, roles: [console]}")

    assert plan.digest.startswith("sha256:")
    assert plan.digest == again.digest != other.digest
