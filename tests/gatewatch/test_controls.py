import pytest

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Observation, Outcome
from flows.phases import Phase
from flows.plan import Endpoint, Path, Plan
from gatewatch.controls import CONTROL, controls_for, shows_life

ESTATE = """
migration: {{name: t, from: "2.6", to: "2.7.1"}}
hosts:
  pc-001: {{address: 10.0.0.1, roles: [agent]}}
  con-01: {{address: 10.0.0.2, roles: [console]}}
  dst:    {{address: 10.0.9.9, roles: []}}
extra_flows: [{flows}]
"""
CLOSED, OTHER = ("10.0.9.9", "tcp", 17000), ("10.0.9.9", "tcp", 443)


def flow(source: str, port: int, expect: str, proto: str = "tcp") -> str:
    return (
        f"{{flow: f-{source}-{port}, from: {source}, to: dst, proto: {proto}, port: {port},"
        f" service: {proto}, expect: {expect}, why: test}}"
    )


def plan_of(*flows: str) -> Plan:
    return expand(read_inventory(ESTATE.format(flows=", ".join(flows)), "estate.yaml"))


def own(plan: Plan, *ports: int) -> list[Path]:
    return [path for path in plan.by_source["pc-001"] if not ports or path.port in ports]


def ports(plan: Plan, asked: list[Path]) -> list[tuple[str, int]]:
    added = controls_for(plan, asked, "pc-001", Phase.COMPLETE)
    return [(path.proto, path.port) for path in added]


def test_a_closed_port_alone_gets_a_control_that_the_plan_knows_from_anybody() -> None:
    plan = plan_of(flow("pc-001", 17000, "closed"), flow("con-01", 443, "serve"))

    (control,) = controls_for(plan, own(plan), "pc-001", Phase.COMPLETE)

    assert control.id == "control:pc-001>dst:tcp/443"
    assert (control.flow, control.src, control.endpoint) == (CONTROL, "pc-001", OTHER)
    assert not control.binds(Phase.COMPLETE)


@pytest.mark.parametrize("expect", ["serve", "permit", "retired"])
def test_another_tcp_port_that_is_measured_anyway_is_control_enough(expect: str) -> None:
    plan = plan_of(
        flow("pc-001", 17000, "closed"), flow("pc-001", 443, expect), flow("con-01", 80, "serve")
    )

    assert ports(plan, own(plan)) == []


def test_a_port_that_was_not_selected_can_be_the_control() -> None:
    plan = plan_of(flow("pc-001", 17000, "closed"), flow("pc-001", 443, "serve"))

    assert ports(plan, own(plan, 17000)) == [("tcp", 443)]


def test_two_closed_ports_are_no_control_of_each_other() -> None:
    plan = plan_of(
        flow("pc-001", 17000, "closed"), flow("pc-001", 135, "closed"), flow("con-01", 443, "serve")
    )

    assert ports(plan, own(plan)) == [("tcp", 443)]


def test_a_silent_protocol_is_no_company() -> None:
    plan = plan_of(
        flow("pc-001", 17000, "closed"),
        flow("pc-001", 514, "serve", "udp"),
        flow("con-01", 443, "serve"),
    )

    assert ports(plan, own(plan)) == [("tcp", 443)]


@pytest.mark.parametrize(
    ("flows", "chosen"),
    [
        ([flow("con-01", 514, "serve", "udp"), flow("con-01", 80, "permit")], ("tcp", 80)),
        ([flow("con-01", 80, "permit"), flow("con-01", 443, "serve")], ("tcp", 443)),
        ([flow("con-01", 80, "serve"), flow("pc-001", 443, "serve")], ("tcp", 443)),
        ([flow("con-01", 443, "serve"), flow("con-01", 80, "serve")], ("tcp", 80)),
        ([flow("con-01", 514, "serve", "udp")], ("udp", 514)),
    ],
    ids=["tcp", "what must answer", "this source's own", "the lowest port", "nothing else"],
)
def test_the_control_is_the_port_most_likely_to_answer(
    flows: list[str], chosen: tuple[str, int]
) -> None:
    plan = plan_of(flow("pc-001", 17000, "closed"), *flows)

    assert ports(plan, own(plan, 17000)) == [chosen]


def test_without_another_port_there_is_no_control() -> None:
    plan = plan_of(flow("pc-001", 17000, "closed"))

    assert ports(plan, own(plan)) == []


def at(outcome: Outcome, *addresses: str) -> Observation:
    every = tuple(Observation(outcome=outcome, address=address) for address in addresses)
    return Observation(outcome=outcome, address=addresses[0], addresses=every)


@pytest.mark.parametrize(
    ("outcome", "lives"),
    [(outcome, outcome in {"open", "reset", "hung", "answered", "refused"}) for outcome in Outcome],
)
def test_only_what_a_live_destination_does_shows_life(outcome: Outcome, lives: bool) -> None:
    observations: dict[Endpoint, Observation] = {
        CLOSED: at(Outcome.FILTERED, "10.0.9.9"),
        OTHER: at(outcome, "10.0.9.9"),
    }

    assert shows_life(observations, CLOSED) is lives


def test_a_port_is_no_control_of_itself() -> None:
    assert not shows_life({CLOSED: at(Outcome.REFUSED, "10.0.9.9")}, CLOSED)


def test_another_destination_is_no_control() -> None:
    observations: dict[Endpoint, Observation] = {
        CLOSED: at(Outcome.FILTERED, "10.0.9.9"),
        ("10.0.9.8", "tcp", 443): at(Outcome.OPEN, "10.0.9.8"),
    }

    assert not shows_life(observations, CLOSED)


def test_every_address_of_a_name_needs_its_own_sign_of_life() -> None:
    name, other = ("dst.example", "tcp", 17000), ("dst.example", "tcp", 443)
    both = at(Outcome.FILTERED, "10.0.9.8", "10.0.9.9")

    assert shows_life({name: both, other: at(Outcome.OPEN, "10.0.9.8", "10.0.9.9")}, name)
    assert not shows_life({name: both, other: at(Outcome.OPEN, "10.0.9.8")}, name)


def test_a_name_without_addresses_has_none() -> None:
    unresolved = Observation(outcome=Outcome.UNRESOLVED)

    assert not shows_life({("a.example", "tcp", 1): unresolved}, ("a.example", "tcp", 1))
