from datetime import date

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Outcome
from gatewatch.check_run import Asked, ask
from gatewatch.estate import Selection
from gatewatch.one_shot import measure_once, only
from tests.fakes.streams import Address
from tests.fakes.tcp import ClosedPort, TcpServer

ESTATE = """
migration: {{name: t, from: "2.6", to: "2.7.1"}}
hosts:
  pc-001: {{address: 127.0.8.1, roles: [agent]}}
  dst:    {{address: {0}, roles: []}}
extra_flows:
  - {{flow: one, from: pc-001, to: dst, proto: tcp, port: {1}, service: tcp, expect: serve, why: t}}
  - {{flow: same, from: pc-001, to: dst, proto: tcp, port: {1}, service: tcp, expect: serve, why: t}}
  - {{flow: two, from: pc-001, to: dst, proto: tcp, port: {2}, service: tcp, expect: serve, why: t}}
"""  # noqa: E501 - a line a flow


def asked_of(address: str, one: int, two: int) -> Asked:
    inventory = read_inventory(ESTATE.format(address, one, two), "estate.yaml")
    host = inventory.hosts["pc-001"]
    return ask(expand(inventory), host, Selection(), None, date(2026, 11, 23))


async def test_each_endpoint_is_measured_once_with_the_probes_own_engine() -> None:
    here = Address("127.0.8.9", 0)
    async with TcpServer.accepting(bind=here) as open_, ClosedPort.tcp(bind=here) as closed:
        asked = asked_of(here.host, open_.port, closed.port)

        seen = [found async for found in measure_once(asked)]

    assert len(seen) == 2
    outcomes = {endpoint[2]: observation.outcome for endpoint, observation in seen}
    assert outcomes == {open_.port: Outcome.OPEN, closed.port: Outcome.REFUSED}


async def test_a_name_of_the_plan_may_lead_to_loopback() -> None:
    async with TcpServer.accepting() as address, ClosedPort.tcp() as closed:
        asked = asked_of("localhost", address.port, closed.port)

        seen = {endpoint[2]: one async for endpoint, one in measure_once(asked)}

    each = {one.address: one.outcome for one in (*seen[address.port].addresses, seen[address.port])}
    assert each["127.0.0.1"] is Outcome.OPEN


def test_nothing_but_the_plan_is_dialled() -> None:
    refusal = only({("dst.example", "tcp", 443), ("10.0.0.1", "udp", 514)})

    assert refusal("dst.example", "10.0.0.9", 443) is None
    assert refusal("10.0.0.1", "10.0.0.1", 514) is None
    assert refusal("10.0.0.1", "10.0.0.1", 443) == (
        "10.0.0.1 port 443 was not dialled: the plan of this host does not hold it"
    )
