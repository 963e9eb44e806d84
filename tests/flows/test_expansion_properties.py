"""What holds for the plan of every inventory."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flows.expansion import expand
from flows.hosts import Version
from flows.inventory_reading import read_inventory
from flows.phases import PHASES, STRENGTH, Expectation, Phase
from flows.plan import Plan, Scope
from flows.schema import inventory_schema
from flows.versions import Versions
from flows.warnings import warnings
from tests.flows.estates import Document, documents, shuffled, written

VALIDATOR = Draft202012Validator(inventory_schema())


def plan_of(document: Document) -> Plan:
    return expand(read_inventory(written(document), "any.yaml"))


@given(documents())
def test_every_source_may_be_a_source(document: Document) -> None:
    plan = plan_of(document)
    hosts = plan.inventory.hosts

    assert all(hosts[path.src].has_probe for path in plan)
    assert all(path.dst in hosts for path in plan)


@given(documents())
def test_every_path_is_there_once_and_its_id_says_what_it_is(document: Document) -> None:
    for path in plan_of(document):
        parts = re.fullmatch(r"([^:]+):([^>]+)>([^:]+):(tcp|udp)/(\d+)", path.id)
        assert parts is not None
        assert parts.groups() == (path.flow, path.src, path.dst, path.proto, str(path.port))


@given(documents())
def test_no_two_paths_are_the_same(document: Document) -> None:
    plan = plan_of(document)

    parts = [(path.flow, path.src, path.dst, path.proto, path.port) for path in plan]
    assert len(parts) == len(set(parts)) == len(plan.paths)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_order_of_a_file_does_not_matter(data: st.DataObject) -> None:
    document = data.draw(documents())
    other = data.draw(shuffled(document))

    one, two = plan_of(document), plan_of(other)

    assert list(one.paths.values()) == list(two.paths.values())
    assert one.digest == two.digest
    assert warnings(one.inventory, Phase.COMPLETE) == warnings(two.inventory, Phase.COMPLETE)


@given(documents())
def test_every_path_asks_something_in_the_order_of_the_phases(document: Document) -> None:
    for path in plan_of(document):
        asked = list(path.expect)
        assert asked
        assert asked == [phase for phase in PHASES if phase in path.expect]
        assert set(path.expect.values()) <= set(Expectation)


@given(documents())
def test_the_guide_closes_17000_in_the_end_and_nothing_else_ever(document: Document) -> None:
    for path in plan_of({**document, "extra_flows": []}):
        closed = [phase for phase, one in path.expect.items() if one is Expectation.CLOSED]
        assert closed == ([Phase.COMPLETE] if path.flow == "agent-legacy" else [])


@given(documents())
def test_a_path_is_local_when_its_source_is_its_destination_or_a_member(
    document: Document,
) -> None:
    plan = plan_of(document)

    for path in plan:
        machines = {path.dst, *plan.inventory.hosts[path.dst].members}
        assert (path.scope is Scope.LOCAL) is (path.src in machines)


@given(documents())
def test_only_sources_with_the_role_agent_are_rolled_up(document: Document) -> None:
    plan = plan_of(document)

    for path in plan:
        for group in path.groups:
            assert path.src in plan.inventory.groups[group].agents


@given(documents())
def test_before_the_upgrade_no_version_matters(document: Document) -> None:
    inventory = read_inventory(written(document), "any.yaml")
    new = Versions(inventory, dict.fromkeys(inventory.hosts, Version("2.7.1")))
    old = Versions(inventory, dict.fromkeys(inventory.hosts, Version("2.6")))

    upgraded, waiting = expand(inventory, new), expand(inventory, old)

    for phase in (Phase.BASELINE, Phase.PREPARE, Phase.COMPLETE):
        assert {path.id: path.expect[phase] for path in upgraded.of(phase)} == {
            path.id: path.expect[phase] for path in waiting.of(phase)
        }


@given(documents())
def test_requiring_more_never_asks_less(document: Document) -> None:
    advise, require = (
        plan_of({**document, "options": {"separate_backend_8443": need}})
        for need in ("advise", "require")
    )

    for path in advise:
        stronger = require.paths[path.id].expect
        for phase, asked in path.expect.items():
            assert STRENGTH[stronger[phase]] <= STRENGTH[asked]


@given(documents())
def test_what_the_reader_accepts_the_schema_accepts(document: Document) -> None:
    read_inventory(written(document), "any.yaml")

    assert list(VALIDATOR.iter_errors(document)) == []
