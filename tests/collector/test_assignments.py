import math
from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.assignments import Assignments, allot, check_key, offset
from collector.memory import CheckKey
from collector.timing import Timing
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.messages import Assignment, Check
from flows.outcomes import Service
from flows.plan import Plan
from tests.collector.samples import INVENTORY


def plan_of(text: str = INVENTORY) -> Plan:
    return expand(read_inventory(text, "inventory.yaml"))


def assigned(
    host: str, text: str = INVENTORY, timing: Timing | None = None, *, windows: bool = False
) -> Assignment:
    plan = plan_of(text)
    return Assignments(plan, timing or Timing()).of(
        host, allot(map(check_key, plan), {}), windows=windows
    )


def check_of(assignment: Assignment, address: str, port: int, proto: str = "tcp") -> Check:
    wanted = (address, proto, port)
    return next(
        check for check in assignment.checks if (check.address, check.proto, check.port) == wanted
    )


def fleet(agents: int, handlers: int = 1) -> str:
    """Write an estate of agents whose handlers share their machine with a backend."""
    machines = [
        f"  be-{n}: {{address: 10.1.0.{n}, roles: [backend, agent-handler]}}"
        for n in range(handlers)
    ]
    consoles = [f"  con-{n}: {{address: 10.2.0.{n}, roles: [console]}}" for n in range(3)]
    clients = [
        f"  pc-{n}: {{address: 10.{9 + n // 65536}.{n // 256 % 256}.{n % 256}, roles: [agent]}}"
        for n in range(agents)
    ]
    return "\n".join(
        [
            'migration: {name: big, from: "2.6", to: "2.7.1"}',
            "hosts:",
            *machines,
            *consoles,
            *clients,
        ]
    )


def seconds_of(assignments: Assignments, seconds: int) -> Counter[tuple[str, int]]:
    """Count the checks of each destination in each of so many seconds."""
    return Counter(
        (key[1], math.floor(assignments.offset(key) + turn * interval))
        for key in assignments.paths
        for interval in [assignments.interval(key)]
        for turn in range(math.ceil((seconds - assignments.offset(key)) / interval))
    )


def places_of(assignments: Assignments) -> dict[CheckKey, tuple[float, float]]:
    return {key: (assignments.interval(key), assignments.offset(key)) for key in assignments.paths}


def test_a_host_gets_one_check_for_all_flows_that_share_an_endpoint() -> None:
    checks = assigned("be-01").checks

    endpoints = Counter((check.address, check.proto, check.port) for check in checks)

    assert set(endpoints.values()) == {1}


def test_every_path_of_the_plan_is_measured_whatever_the_phase() -> None:
    plan = plan_of()
    assignments = Assignments(plan, Timing())

    measured = {key for host in plan.by_source for key in assignments.by_host[host]}

    assert measured == {check_key(path) for path in plan}


def test_a_check_names_all_services_that_may_ever_answer_there_sorted() -> None:
    check = check_of(assigned("con-01"), "10.1.0.11", 443)

    assert check.services == (Service.GRPC, Service.HTTPS)


def test_syslog_over_tls_is_asked_for_tls_as_well() -> None:
    assignment = assigned("ah-02")

    assert check_of(assignment, "10.1.0.30", 5614).services == (Service.SYSLOG, Service.TLS)
    assert check_of(assignment, "10.1.0.30", 1468).services == (Service.SYSLOG,)


def test_only_a_name_is_shown_to_the_service() -> None:
    assignment = assigned("con-01")

    assert check_of(assignment, "be-02.acme.example", 443).name == "be-02.acme.example"
    assert check_of(assignment, "10.1.0.11", 443).name is None


def test_a_name_is_shown_without_its_final_dot() -> None:
    text = INVENTORY.replace("be-02.acme.example", "be-02.acme.example.")

    check = check_of(assigned("con-01", text), "be-02.acme.example.", 443)

    assert check.name == "be-02.acme.example"


def test_an_ipv6_literal_is_no_name() -> None:
    text = INVENTORY.replace("10.1.0.12", "2001:db8::12")

    assert check_of(assigned("pc-001", text), "2001:db8::12", 443).name is None


def test_the_browser_is_asked_for_the_one_instance_that_is_stated() -> None:
    assert check_of(assigned("be-01"), "10.1.0.20", 1434, "udp").instance == "SES"


def test_the_browser_is_asked_for_all_where_several_instances_are_stated() -> None:
    text = INVENTORY.replace(
        "sql: {port: 1433, instance: SES}",
        "sql: [{port: 1433, instance: SES}, {port: 1435, instance: LOG}]",
    )

    assert check_of(assigned("be-01", text), "10.1.0.20", 1434, "udp").instance is None


def test_only_the_browser_is_asked_for_an_instance() -> None:
    assert check_of(assigned("be-01"), "10.1.0.20", 1433).instance is None


def test_machines_are_measured_every_15_s_and_agents_every_60_s() -> None:
    assert {check.interval for check in assigned("con-01").checks} == {15.0}
    assert {check.interval for check in assigned("pc-001").checks} == {60.0}


def test_a_check_that_a_machine_and_an_agent_share_has_the_shorter_interval() -> None:
    text = INVENTORY.replace(
        "con-01: {address: 10.2.0.5, roles: [console]",
        "con-01: {address: 10.2.0.5, roles: [console, agent]",
    )
    text = text.replace("agents: [pc-001", "agents: [con-01, pc-001")

    assignment = assigned("con-01", text)

    assert check_of(assignment, "10.1.0.11", 443).interval == 15.0
    assert check_of(assignment, "10.1.0.12", 443).interval == 60.0


def test_windows_gets_the_longer_deadline() -> None:
    assert {check.deadline for check in assigned("con-01").checks} == {4.0}
    assert {check.deadline for check in assigned("con-01", windows=True).checks} == {5.0}


def test_the_revision_follows_the_content_and_nothing_else() -> None:
    again, windows = assigned("con-01"), assigned("con-01", windows=True)

    assert again.revision == assigned("con-01").revision
    assert again.revision != windows.revision


def test_a_host_that_measures_nothing_has_no_checks() -> None:
    assert assigned("sql-01").checks == ()


def test_a_destination_gets_no_more_checks_than_it_may() -> None:
    plan = plan_of(fleet(agents=3000))
    assignments = Assignments(plan, Timing())

    rate = sum(1 / assignments.interval(key) for key in assignments.paths if key[1] == "10.1.0.0")

    assert 19 < rate <= 20


def test_staleness_stretches_with_the_interval() -> None:
    plan = plan_of(fleet(agents=3000))
    assignments = Assignments(plan, Timing())
    key = ("pc-7", "10.1.0.0", "tcp", 443)

    assert assignments.interval(key) > 60
    assert assignments.stale_after(key) == 3 * assignments.interval(key)


def test_agents_are_stretched_before_the_back_office() -> None:
    plan = plan_of(fleet(agents=3000))
    assignments = Assignments(plan, Timing())

    assert assignments.interval(("con-1", "10.1.0.0", "tcp", 443)) == 15.0


def test_a_crowded_back_office_leaves_agents_half_of_the_rate() -> None:
    plan = plan_of(fleet(agents=100))
    assignments = Assignments(plan, Timing(per_destination=0.5))
    keys = [key for key in assignments.paths if key[1] == "10.1.0.0"]
    agents = sum(1 / assignments.interval(key) for key in keys if key[0].startswith("pc"))
    others = sum(1 / assignments.interval(key) for key in keys if not key[0].startswith("pc"))

    assert agents == pytest.approx(0.25, rel=0.1)
    assert others == pytest.approx(0.25, rel=0.1)


@settings(deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 5),
    st.sampled_from([0.2, 1, 5, 20]),
    st.sampled_from([0.5, 15, 60]),
)
def test_no_estate_exceeds_the_rate_of_a_destination(
    agents: int, handlers: int, limit: float, interval: float
) -> None:
    plan = plan_of(fleet(agents, handlers))
    timing = Timing(per_destination=limit, interval=interval, agent_interval=4 * interval)
    assignments = Assignments(plan, timing)

    rates: defaultdict[str, float] = defaultdict(float)
    for key in assignments.paths:
        rates[key[1]] += 1 / assignments.interval(key)

    assert max(rates.values()) <= limit * (1 + 1e-9)


@settings(deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 4),
    st.sampled_from([2, 2.9, 3, 5, 20]),
    st.sampled_from([0.5, 1, 1.5, 7, 15]),
    st.sampled_from([1, 2.5, 15, 20, 60]),
)
def test_no_second_exceeds_the_limit_of_a_destination(
    agents: int, handlers: int, limit: float, interval: float, agent_interval: float
) -> None:
    timing = Timing(per_destination=limit, interval=interval, agent_interval=agent_interval)
    assignments = Assignments(plan_of(fleet(agents, handlers)), timing)
    longest = max(map(assignments.interval, assignments.paths))

    seconds = seconds_of(assignments, 10 * math.ceil(longest))

    assert max(seconds.values()) <= limit
    for key, (stretched, second) in places_of(assignments).items():
        configured = agent_interval if key[0].startswith("pc") else interval
        assert stretched == configured or (stretched > configured and stretched.is_integer())
        assert second.is_integer()
        assert 0 <= second < stretched


def test_a_thousand_agents_and_more_keep_each_second_of_their_handler() -> None:
    plan = plan_of(fleet(agents=1200))
    seconds = seconds_of(Assignments(plan, Timing()), 3600)

    worst = max(count for (address, _), count in seconds.items() if address == "10.1.0.0")

    assert worst == 20


def test_places_do_not_depend_on_the_order_of_the_inventory() -> None:
    text = fleet(agents=1200)
    head, *hosts = text.split("\n  ")
    turned = "\n  ".join([head, *reversed(hosts)])

    places = places_of(Assignments(plan_of(text), Timing()))

    assert places == places_of(Assignments(plan_of(turned), Timing()))


@pytest.mark.parametrize("agents", [200, 500, 1000])
def test_one_more_agent_moves_few_others(agents: int) -> None:
    before = places_of(Assignments(plan_of(fleet(agents)), Timing()))
    after = places_of(Assignments(plan_of(fleet(agents + 1)), Timing()))

    moved = [key for key, place in before.items() if after[key] != place]

    assert len(moved) < 20


def test_checks_far_below_the_limit_fall_due_where_their_hash_says() -> None:
    assignments = Assignments(plan_of(fleet(agents=400)), Timing())
    places = places_of(assignments)

    kept = sum(offset(key, interval) == place for key, (interval, place) in places.items())

    assert kept > 0.95 * len(places)


def test_offsets_spread_over_the_interval_in_whole_seconds() -> None:
    offsets = Counter(offset((f"pc-{n}", "10.1.0.11", "tcp", 443), 60.0) for n in range(6000))

    assert set(offsets) == set(map(float, range(60)))
    assert max(offsets.values()) < 2 * min(offsets.values())


@settings(deadline=None)
@given(st.text(), st.integers(1, 65535), st.floats(0.1, 4000))
def test_an_offset_is_within_its_interval_and_stays(host: str, port: int, interval: float) -> None:
    key = (host, "10.1.0.11", "tcp", port)

    assert 0 <= offset(key, interval) < max(1, interval)
    assert offset(key, interval) == offset(key, interval)


def test_ids_stay_and_new_checks_get_ids_above_all_that_ever_were() -> None:
    before = allot(map(check_key, plan_of()), {})
    known = {**before, ("gone", "10.0.0.1", "tcp", 1): 999}
    added = INVENTORY.replace(
        "  watch:", "  con-03: {address: 10.2.0.7, roles: [console]}\n  watch:"
    )

    new = allot(map(check_key, plan_of(added)), known)

    assert {key[0] for key in new} == {"con-03"}
    assert sorted(new.values()) == list(range(1000, 1000 + len(new)))
    assert allot(map(check_key, plan_of()), known) == {}


def test_a_check_without_an_id_is_not_handed_out() -> None:
    plan = plan_of()

    assignment = Assignments(plan, Timing()).of("con-01", {}, windows=False)

    assert assignment.checks == ()


def test_what_tells_nothing_of_the_network_is_set_aside() -> None:
    plan = plan_of()
    assignments = Assignments(plan, Timing())

    aside = {key for key in assignments.aside if key[0] in {"con-01", "be-01"}}

    assert aside == {
        ("con-01", "10.1.0.40", "tcp", 8642),
        ("be-01", "10.1.0.40", "tcp", 8642),
        ("be-01", "10.1.0.11", "tcp", 443),
        ("be-01", "10.1.0.11", "tcp", 8443),
    }


def test_the_pace_of_a_host_is_its_shortest_interval() -> None:
    assignments = Assignments(plan_of(), Timing())

    assert assignments.pace("con-01") == 15.0
    assert assignments.pace("pc-001") == 60.0


@pytest.mark.parametrize("host", ["con-01", "be-01", "pc-001"])
def test_an_assignment_crosses_the_wire_unchanged(host: str) -> None:
    assignment = assigned(host)

    assert msgspec.json.decode(msgspec.json.encode(assignment), type=Assignment) == assignment


def test_only_checks_of_syslog_servers_write_a_line_and_only_where_that_is_wanted() -> None:
    quiet = assigned("ah-02")
    sending = assigned("ah-02", timing=Timing(syslog_send=True))

    assert not any(check.syslog_send for check in quiet.checks)
    assert {check.syslog_send: Service.SYSLOG in check.services for check in sending.checks} == {
        True: True,
        False: False,
    }
    assert quiet.revision != sending.revision
